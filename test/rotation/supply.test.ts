import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, integer, option, property, record } from "fast-check";

import { NO_LIMITS } from "../../src/config/config.ts";
import { modelStateOf, type RotationKey } from "../../src/rotation/key-state.ts";
import { createBounds } from "../../src/rotation/limits/bounds.ts";
import { createBucket, type Gauge } from "../../src/rotation/limits/gauge.ts";
import { soonest } from "../../src/rotation/outlook.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { release, reserve } from "../../src/rotation/reserve.ts";
import { roundRobin } from "../../src/rotation/strategies/round-robin.ts";
import { whenServed } from "../../src/rotation/supply.ts";
import { dead, keyWith, MINUTE, MINUTE_BACK, NOW, stateWith } from "./rotation-key.ts";

const MODEL = "gpt-4o";
const FRESH = { keys: new Set<RotationKey>(), failedUpstreams: new Set<string>() };

/** A window of so many, of which some are left and the rest comes back at its end. */
function windowOf(limit: number, remaining: number, endsInMs: number, windowMs: number): Gauge {
  return {
    ...createBucket(limit, 0, NOW),
    refill: "window",
    remaining,
    resetAtMs: NOW + endsInMs,
    windowMs,
  };
}

const withRequests = (gauge: Gauge) =>
  keyWith({ name: "key", state: stateWith((state) => (modelStateOf(state, MODEL).meter.requests = gauge)) });

const bounded = (limits: object) =>
  keyWith({ name: "key", bounds: createBounds({ ...NO_LIMITS, ...limits }) });

describe("so many requests are served", () => {
  test("at once, where there is room for them", () => {
    expect(whenServed(createPool(MODEL, [bounded({ rpm: 10 })]), 10, 1, NOW)).toBe(NOW);
  });

  test("at the pace of a bucket that has to come back", () => {
    const bucket = createBucket(10, 10 / MINUTE, NOW);
    const pool = createPool(MODEL, [withRequests(bucket)]);
    expect(whenServed(pool, 12, 1, NOW)).toBe(NOW + 12_000);
  });

  test("a minute after those before them, where a key is configured to no more", () => {
    const key = bounded({ rpm: 10 });
    for (const afterMs of [0, 5_000]) reserve(key, MODEL, 1, NOW + afterMs);
    const pool = createPool(MODEL, [key]);
    expect(whenServed(pool, 8, 1, NOW + 9_000)).toBe(NOW + 9_000);
    expect(whenServed(pool, 9, 1, NOW + 9_000)).toBe(NOW + MINUTE_BACK);
    expect(whenServed(pool, 10, 1, NOW + 9_000)).toBe(NOW + MINUTE_BACK + 5_000);
    expect(whenServed(pool, 11, 1, NOW + 9_000)).toBe(NOW + MINUTE_BACK + 9_000);
    expect(whenServed(pool, 19, 1, NOW + 9_000)).toBe(NOW + 2 * MINUTE_BACK);
  });

  test("at the end of the window that has the last of them", () => {
    const pool = createPool(MODEL, [withRequests(windowOf(10, 3, 20_000, MINUTE))]);
    expect(whenServed(pool, 3, 1, NOW)).toBe(NOW);
    expect(whenServed(pool, 13, 1, NOW)).toBe(NOW + 20_000);
    expect(whenServed(pool, 14, 1, NOW)).toBe(NOW + 80_000);
  });

  test("at the pace of their tokens, where that is slower", () => {
    const pool = createPool(MODEL, [bounded({ rpm: 600, tpm: 6_000 })]);
    expect(whenServed(pool, 6, 1_000, NOW)).toBe(NOW);
    expect(whenServed(pool, 7, 1_000, NOW)).toBe(NOW + MINUTE_BACK);
  });

  test("never by keys that are dead", () => {
    const pool = createPool(MODEL, [keyWith({ name: "dead", state: dead() })]);
    expect(whenServed(pool, 1, 1, NOW)).toBe(Number.POSITIVE_INFINITY);
  });

  test("when a key without known limits has cooled", () => {
    const cooling = stateWith((state) => (state.coolUntilMs = NOW + 7_000));
    expect(whenServed(createPool(MODEL, [keyWith({ name: "cooling", state: cooling })]), 500, 1, NOW)).toBe(
      NOW + 7_000,
    );
  });

  test("among ten thousand keys as among the part that stands for them", () => {
    const keys = Array.from({ length: 10_000 }, () => withRequests(createBucket(6, 6 / MINUTE, NOW)));
    const at = whenServed(createPool(MODEL, keys), 70_000, 1, NOW);
    expect((at - NOW) / 10_000).toBeCloseTo(1, 1);
  });

  test("when they are if each takes the first key that has room, or a little sooner", () => {
    const gauges = record({
      refill: constantFrom("bucket" as const, "window" as const),
      limit: integer({ min: 1, max: 30 }),
      left: integer({ min: -5, max: 30 }),
      ms: integer({ min: 1_000, max: 20_000 }),
    });
    const keyRecords = array(
      record({
        requests: option(gauges, { nil: undefined }),
        tokens: option(gauges, { nil: undefined }),
        coolsMs: constantFrom(0, 0, 3_333),
        rpm: option(integer({ min: 1, max: 300 }), { nil: undefined }),
      }).filter(({ requests, rpm }) => requests !== undefined || rpm !== undefined),
      { minLength: 1, maxLength: 6 },
    );
    const gaugeOf = (
      { refill, limit, left, ms }: { refill: "bucket" | "window"; limit: number; left: number; ms: number },
      unit: number,
    ): Gauge =>
      refill === "window"
        ? windowOf(limit * unit, Math.min(limit, left) * unit, ms, ms)
        : {
            ...createBucket(limit * unit, (limit * unit) / ms, NOW),
            remaining: Math.min(limit, left) * unit,
          };
    const TOKENS = 100;
    assert(
      property(keyRecords, integer({ min: 1, max: 80 }), (records, count) => {
        const keys = records.map(({ requests, tokens, coolsMs, rpm }) =>
          keyWith({
            name: "key",
            bounds: createBounds({ ...NO_LIMITS, rpm }),
            state: stateWith((state) => {
              const { meter } = modelStateOf(state, MODEL);
              meter.requests = requests && gaugeOf(requests, 1);
              meter.tokens = tokens && gaugeOf(tokens, TOKENS);
              state.coolUntilMs = coolsMs === 0 ? 0 : NOW + coolsMs;
            }),
          }),
        );
        const pool = createPool(MODEL, keys);
        const expected = whenServed(pool, count, TOKENS, NOW);

        let now = NOW;
        const ask = { tokens: TOKENS, tried: FRESH };
        for (let served = 0; served < count;) {
          const key = pick(pool, roundRobin, ask, now, () => 0);
          if (key === undefined) {
            const at = soonest(pool, ask, now);
            expect(at).toBeGreaterThan(now);
            now = at;
            continue;
          }
          release(reserve(key, MODEL, TOKENS, now), TOKENS, now);
          served += 1;
        }
        // Each wait is rounded up to a millisecond.
        expect(expected).toBeLessThanOrEqual(now + count);
        // One limit that fills up while another is awaited loses what it cannot hold: that is not foreseen.
        const isOneLimitEach = records.every(
          ({ requests, tokens, rpm }) =>
            [requests, tokens, rpm].filter((one) => one !== undefined).length === 1,
        );
        if (isOneLimitEach) expect(expected).toBeGreaterThanOrEqual(now - count);
      }),
      { numRuns: 300 },
    );
  });
});
