import { describe, expect, test } from "bun:test";
import { array, assert, integer, property, record } from "fast-check";
import { FixedWindow, ModelLimits, TokenBucket } from "../../src/demo/limits.ts";

const START = 1_700_000_040_000;

describe("a token bucket", () => {
  test("gives its limit at once, then refills continuously", () => {
    const bucket = new TokenBucket(3, 60_000);
    bucket.take(3, START);
    expect(bucket.waitMs(1, START)).toBe(20_000);
    expect(bucket.waitMs(1, START + 20_000)).toBe(0);
    expect(bucket.fullInMs(START + 20_000)).toBe(40_000);
  });

  test("never has room for more than its limit", () => {
    expect(new TokenBucket(3, 60_000).waitMs(4, START)).toBe(Infinity);
  });

  test("admits no more than limit + refill however it is asked, and always after the wait that it named", () => {
    const steps = array(
      record({ amount: integer({ min: 1, max: 50 }), afterMs: integer({ min: 0, max: 5_000 }) }),
    );
    assert(
      property(steps, integer({ min: 50, max: 500 }), (asks, limit) => {
        const bucket = new TokenBucket(limit, 60_000);
        let now = START;
        let taken = 0;
        for (const { amount, afterMs } of asks) {
          now += afterMs;
          const waitMs = bucket.waitMs(amount, now);
          expect(bucket.waitMs(amount, now + waitMs)).toBe(0);
          if (waitMs > 0) continue;
          bucket.take(amount, now);
          taken += amount;
        }
        expect(taken).toBeLessThanOrEqual(limit + ((now - START) * limit) / 60_000 + 1e-3);
      }),
    );
  });
});

describe("a fixed window", () => {
  test("gives everything back at once when the window ends", () => {
    const window = new FixedWindow(2, 60_000);
    window.take(2, START + 10_000);
    const untilNext = window.waitMs(1, START + 10_000);
    expect(untilNext).toBe(60_000 - ((START + 10_000) % 60_000));
    expect(window.available(START + 10_000 + untilNext)).toBe(2);
    expect(window.available(START + 10_000 + untilNext - 1)).toBe(0);
  });
});

describe("the limits of a key for a model", () => {
  test("refuse without taking anything", () => {
    const limits = new ModelLimits({ rpm: 10, tpm: 100 });
    expect(limits.admit(90, START)).toBeUndefined();
    expect(limits.admit(20, START)).toMatchObject({ on: "tokens", limit: 100, used: 90, requested: 20 });
    expect(limits.gauges(START)).toMatchObject({ requests: { remaining: 9 }, tokens: { remaining: 10 } });
  });

  test("name the limit that is in the way longest", () => {
    const limits = new ModelLimits({ rpm: 1, rpd: 1 });
    limits.admit(0, START);
    expect(limits.admit(0, START)?.on).toBe("day");
  });

  test("hold concurrency until it is released", () => {
    const limits = new ModelLimits({ concurrency: 1 });
    expect(limits.admit(0, START)).toBeUndefined();
    expect(limits.admit(0, START)?.on).toBe("concurrency");
    limits.release();
    expect(limits.admit(0, START)).toBeUndefined();
  });

  test("shrink with the length of the minute", () => {
    const limits = new ModelLimits({ rpm: 1, windowMs: 100 });
    limits.admit(0, START);
    expect(limits.admit(0, START)?.waitMs).toBe(100);
    expect(limits.admit(0, START + 100)).toBeUndefined();
  });
});
