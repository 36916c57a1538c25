import { describe, expect, test } from "bun:test";

import { FixedWindow, TokenBucket } from "../../../src/demo/limits.ts";
import type { ToldLimit } from "../../../src/providers/told-limits.ts";
import { available, fitsAt, type Gauge } from "../../../src/rotation/limits/gauge.ts";
import { hear } from "../../../src/rotation/limits/hear.ts";
import {
  createMeter,
  hearOn,
  type Meter,
  meterFitsAt,
  reserveOn,
} from "../../../src/rotation/limits/meter.ts";
import { MINUTE, NOW } from "../rotation-key.ts";

/** What is left, and no more. */
const left = (remaining: number): ToldLimit => ({ limit: undefined, remaining, fullInMs: undefined });

const meterOf = (requests: ToldLimit): Meter => {
  const meter = createMeter();
  hearOn(meter, reserveOn(meter, 1, NOW), { requests, tokens: undefined }, NOW);
  return meter;
};

describe("of a limit of which only the rest is told", () => {
  test("no more is sent at once than is left", () => {
    const meter = meterOf(left(9));
    for (let request = 0; request < 9; request += 1) {
      expect(meterFitsAt(meter, 1, NOW)).toBe(NOW);
      reserveOn(meter, 1, NOW);
    }
    expect(meterFitsAt(meter, 1, NOW)).toBeGreaterThan(NOW);
  });

  test("nothing is sent when nothing is left, and nobody waits for long to see more of it", () => {
    const at = meterFitsAt(meterOf(left(0)), 1, NOW);
    expect(at).toBeGreaterThan(NOW);
    expect(at - NOW).toBeLessThanOrEqual(MINUTE / 10);
  });

  test("the most that was seen comes back in a minute, whatever is left later", () => {
    let gauge = hear(undefined, left(59), 1, 0, NOW);
    gauge = hear(gauge, left(20), 40, 0, NOW);
    expect(hear(gauge, left(0), 60, 0, NOW)).toBe(gauge);
    expect(gauge.limit).toBe(60);
    expect(fitsAt(gauge, 1, NOW)).toBe(NOW + 1_000);
    expect(available(gauge, NOW + MINUTE)).toBe(60);
  });

  test("more that is seen later, by an overtaken answer too, makes it larger", () => {
    let gauge = hear(undefined, left(9), 3, 0, NOW);
    gauge = hear(gauge, left(11), 1, 2, NOW);
    expect(gauge.limit).toBe(12);
    expect(available(gauge, NOW)).toBe(9);
    hear(gauge, left(0), 12, 0, NOW);
    expect(fitsAt(gauge, 1, NOW)).toBe(NOW + MINUTE / 12);
  });

  test("what is told in whole later counts", () => {
    let gauge = hear(undefined, left(5), 1, 0, NOW);
    gauge = hear(gauge, { limit: 60, remaining: 40, fullInMs: 20_000 }, 20, 0, NOW);
    expect(gauge.limit).toBe(60);
    expect(gauge.perMs).toBeCloseTo(1 / 1_000);
    gauge = hear(gauge, left(30), 30, 0, NOW + 1_000);
    expect(gauge).toMatchObject({ limit: 60, remaining: 30, windowMs: 20_000 });
    expect(gauge.perMs).toBeCloseTo(1 / 1_000);
  });
});

test("of a limit without a reset that is told, all comes back in a minute", () => {
  const gauge = hear(undefined, { limit: 30_000, remaining: 0, fullInMs: undefined }, 500, 0, NOW);
  expect(fitsAt(gauge, 500, NOW)).toBe(NOW + 1_000);
});

test("a window that is known keeps its end where an answer tells none", () => {
  const gauge = hear(undefined, { limit: 10, remaining: 5, fullInMs: 8_000 }, 1, 0, NOW);
  hear(gauge, { limit: 10, remaining: 0, fullInMs: undefined }, 6, 0, NOW + 1_000);
  expect(fitsAt(gauge, 1, NOW + 1_000)).toBe(NOW + 8_000);
});

describe.each([
  ["bucket", TokenBucket, 0],
  // One attempt each minute finds it used up, and is told when to come back.
  ["window", FixedWindow, 1],
] as const)("a %s of which only the rest is told", (_kind, Limit, refusalsAMinute) => {
  test.each([12, 60, 600])("of %i a minute is used nearly whole, hardly ever in vain", (limit) => {
    const provider = new Limit(limit, MINUTE);
    let gauge: Gauge | undefined;
    let [serial, refused, coolUntilMs] = [0, 0, 0];
    for (let now = NOW; now < NOW + 10 * MINUTE; now += 10) {
      if (now < coolUntilMs) continue;
      const meter = { ...createMeter(), requests: gauge, sent: serial };
      while (meterFitsAt(meter, 1, now) <= now && now >= coolUntilMs) {
        const mark = reserveOn(meter, 1, now);
        const waitMs = provider.waitMs(1, now);
        if (waitMs > 0) [refused, coolUntilMs] = [refused + 1, now + waitMs];
        else provider.take(1, now);
        const remaining = Math.max(0, Math.floor(provider.available(now) + 1e-6));
        hearOn(meter, mark, { requests: left(remaining), tokens: undefined }, now);
      }
      [gauge, serial] = [meter.requests, meter.sent];
    }
    // Ten minutes touch eleven windows.
    expect(refused).toBeLessThanOrEqual(11 * refusalsAMinute);
    expect(serial - refused).toBeGreaterThan(0.95 * limit * 10);
  });
});
