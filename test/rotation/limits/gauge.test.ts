import { describe, expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, integer, property, record } from "fast-check";

import { FixedWindow, TokenBucket } from "../../../src/demo/limits.ts";
import type { ToldLimit } from "../../../src/providers/told-limits.ts";
import {
  available,
  createBucket,
  fitsAt,
  type Gauge,
  suppliedBy,
  take,
} from "../../../src/rotation/limits/gauge.ts";
import { hear, hearRest } from "../../../src/rotation/limits/hear.ts";
import { createMeter, hearOn, reserveOn } from "../../../src/rotation/limits/meter.ts";
import { MINUTE, NOW, seededRandom } from "../rotation-key.ts";

const told = (limit: number, remaining: number, fullInMs: number): ToldLimit => ({
  limit,
  remaining,
  fullInMs,
});

/** A gauge that heard one answer, nothing being under way since. */
const heardOnce = (limit: number, remaining: number, fullInMs: number): Gauge =>
  hear(undefined, told(limit, remaining, fullInMs), 1, 0, NOW);

describe("a bucket", () => {
  test("begins full and never holds more than its capacity", () => {
    const gauge = createBucket(10, 0.01, NOW);
    expect(available(gauge, NOW)).toBe(10);
    expect(available(gauge, NOW + MINUTE)).toBe(10);
  });

  test("comes back little by little", () => {
    const gauge = createBucket(10, 0.01, NOW);
    take(gauge, 10, NOW);
    expect(available(gauge, NOW)).toBe(0);
    expect(available(gauge, NOW + 250)).toBe(2.5);
  });

  test("says to the millisecond when an amount fits", () => {
    const gauge = createBucket(10, 0.01, NOW);
    take(gauge, 10, NOW);
    const at = fitsAt(gauge, 3, NOW);
    expect(at).toBe(NOW + 300);
    expect(fitsAt(gauge, 3, at)).toBe(at);
    expect(fitsAt(gauge, 3, at - 1)).toBe(at);
  });

  test("says when an amount fits at the slowest rates too", () => {
    const gauge = createBucket(2, 2.5e-7, NOW);
    take(gauge, 2, NOW);
    const at = fitsAt(gauge, 1, NOW);
    expect(fitsAt(gauge, 1, at)).toBe(at);
  });

  test("lets an amount beyond its capacity through once it is full", () => {
    const gauge = createBucket(10, 0.01, NOW);
    take(gauge, 1, NOW);
    expect(fitsAt(gauge, 500, NOW)).toBe(NOW + 100);
    take(gauge, 500, NOW + 100);
    expect(available(gauge, NOW + 100)).toBe(-490);
  });

  test("takes back what was not used after all, up to its capacity", () => {
    const gauge = createBucket(10, 0.01, NOW);
    take(gauge, 4, NOW);
    take(gauge, -3, NOW);
    expect(available(gauge, NOW)).toBe(9);
    take(gauge, -30, NOW);
    expect(available(gauge, NOW)).toBe(10);
  });

  test("gains nothing from a clock that is set back", () => {
    const gauge = createBucket(10, 0.01, NOW);
    take(gauge, 10, NOW);
    take(gauge, 0, NOW - MINUTE);
    expect(available(gauge, NOW + 100)).toBe(1);
  });
});

describe("a window", () => {
  test("promises nothing before its end, and all of it then", () => {
    const gauge = heardOnce(60, 2, 30_000);
    take(gauge, 2, NOW);
    expect(fitsAt(gauge, 1, NOW)).toBe(NOW + 30_000);
    expect(available(gauge, NOW + 29_999)).toBe(0);
    expect(available(gauge, NOW + 30_000)).toBe(60);
  });

  test("begins anew with what is taken after its end, as long as the last", () => {
    const gauge = heardOnce(60, 0, 30_000);
    const later = NOW + 31_000;
    take(gauge, 60, later);
    expect(available(gauge, later)).toBe(0);
    expect(fitsAt(gauge, 1, later)).toBe(later + 30_000);
  });
});

describe("the windows after one of which an answer told the end", () => {
  test.each([
    [3_900, 4_000],
    [4_000, 4_000],
    [4_010, 4_000],
    [59_200, 60_000],
    [300, 1_000],
  ])("%i ms ahead last whole seconds, %i ms", (toldMs, lengthMs) => {
    const endMs = NOW + toldMs;
    const gauge = heardOnce(10, 0, toldMs);
    // Ten for each window begun by then.
    expect(suppliedBy(gauge, NOW, endMs + 3 * lengthMs - 1)).toBe(30);
    expect(suppliedBy(gauge, NOW, endMs + 3 * lengthMs)).toBe(40);
    take(gauge, 10, endMs);
    expect(fitsAt(gauge, 1, endMs)).toBe(endMs + lengthMs);
  });
});

describe("an answer", () => {
  test("says what was left when its request was counted: later ones are taken off", () => {
    const gauge = hear(undefined, told(100, 90, MINUTE), 1, 7, NOW);
    expect(available(gauge, NOW)).toBe(83);
  });

  test("that is newer overwrites what was believed, up and down", () => {
    const gauge = heardOnce(100, 50, MINUTE);
    expect(available(hear(gauge, told(100, 80, MINUTE), 2, 0, NOW), NOW)).toBe(80);
    expect(available(hear(gauge, told(100, 10, MINUTE), 3, 0, NOW), NOW)).toBe(10);
  });

  test("that was overtaken wins with less and does nothing with more", () => {
    const gauge = hear(undefined, told(100, 50, MINUTE), 5, 0, NOW);
    hear(gauge, told(100, 70, MINUTE), 3, 2, NOW);
    expect(available(gauge, NOW)).toBe(50);
    hear(gauge, told(100, 40, MINUTE), 4, 1, NOW);
    // The fifth has told already that it was counted: it is in these 40, and taken off once.
    expect(available(gauge, NOW)).toBe(40);
  });

  test("with another limit begins a new gauge", () => {
    const gauge = hear(heardOnce(100, 5, MINUTE), told(500, 499, MINUTE), 2, 0, NOW);
    expect(gauge.limit).toBe(500);
    expect(available(gauge, NOW)).toBe(499);
  });
});

describe.each([
  ["bucket", TokenBucket],
  ["window", FixedWindow],
] as const)("tellings of a %s", (kind, Limit) => {
  test.each([
    [60, 200],
    [60, 900],
    [600, 40],
    [3_000, 15],
  ])("of %i a minute, a request each %i ms on average, are recognised", (limit, everyMs) => {
    const random = seededRandom(limit + everyMs);
    const provider = new Limit(limit, MINUTE);
    let gauge: Gauge | undefined;
    let serial = 0;
    let wrong = 0;
    let now = NOW;
    for (let request = 0; request < 2_000; request += 1) {
      now += Math.round(random() * 2 * everyMs);
      if (provider.available(now) < 1) continue;
      provider.take(1, now);
      serial += 1;
      const answer = told(limit, Math.floor(provider.available(now)), provider.fullInMs(now));
      gauge = hear(gauge, answer, serial, 0, now);
      // The first few cannot be told apart.
      if (serial > 20 && gauge.refill !== kind) wrong += 1;
    }
    expect(gauge?.refill).toBe(kind);
    expect(wrong).toBe(0);
  });

  test("of tokens are recognised by requests of varied size", () => {
    const random = seededRandom(17);
    const provider = new Limit(60_000, MINUTE);
    const meter = createMeter();
    let now = NOW;
    let wrong = 0;
    for (let request = 1; request <= 500; request += 1) {
      const tokens = Math.round(80 * 50 ** random());
      now += Math.max(provider.waitMs(tokens, now), Math.round(random() * 1_500));
      provider.take(tokens, now);
      const limit = told(60_000, Math.floor(provider.available(now)), provider.fullInMs(now));
      hearOn(meter, reserveOn(meter, tokens, now), { requests: undefined, tokens: limit }, now);
      if (request > 20 && meter.tokens?.refill !== kind) wrong += 1;
    }
    expect(wrong).toBe(0);
  });

  test("keep a client that obeys the gauge from being refused, and give it nearly all", () => {
    const limit = 120;
    const provider = new Limit(limit, MINUTE);
    let gauge: Gauge | undefined;
    let [serial, refused] = [0, 0];
    const end = NOW + 10 * MINUTE;
    for (let now = NOW; now < end; now += 10) {
      if (gauge !== undefined && fitsAt(gauge, 1, now) > now) continue;
      serial += 1;
      if (gauge !== undefined) take(gauge, 1, now);
      if (provider.waitMs(1, now) > 0) refused += 1;
      else provider.take(1, now);
      const left = Math.max(0, Math.floor(provider.available(now) + 1e-6));
      gauge = hear(gauge, told(limit, left, provider.fullInMs(now)), serial, 0, now);
    }
    expect(refused / serial).toBeLessThan(0.01);
    expect(serial - refused).toBeGreaterThan(0.95 * limit * 10);
  });
});

test("whatever is told and taken, what is left is a number and a time to come is known", () => {
  const steps = array(
    record({
      step: constantFrom("hear", "hear rest", "take", "give back", "pass"),
      limit: constantFrom(1, 2, 60, 1_000_000),
      part: integer({ min: 0, max: 100 }),
      fullInMs: constantFrom(undefined, 0, 1, 24, 60_000, 86_400_000),
      isLimitTold: boolean(),
      behind: integer({ min: 0, max: 5 }),
      amount: integer({ min: 0, max: 2_000 }),
      passMs: integer({ min: 0, max: 100_000 }),
    }),
    { maxLength: 40 },
  );
  assert(
    property(steps, (sequence) => {
      let gauge: Gauge | undefined;
      let now = NOW;
      let serial = 5;
      for (const { step, limit, part, fullInMs, isLimitTold, behind, amount, passMs } of sequence) {
        now += passMs;
        if (step === "hear") {
          serial += 1;
          const remaining = Math.floor((limit * part) / 100);
          const answer = { limit: isLimitTold ? limit : undefined, remaining, fullInMs };
          gauge = hear(gauge, answer, serial - behind, behind, now);
        } else if (gauge !== undefined && step === "hear rest") {
          hearRest(gauge, amount, passMs, now);
        } else if (gauge !== undefined && step !== "pass") {
          take(gauge, step === "take" ? amount : -amount, now);
        }
        if (gauge === undefined) continue;
        expect(Number.isFinite(available(gauge, now))).toBe(true);
        expect(available(gauge, now)).toBeLessThanOrEqual(gauge.limit);
        const at = fitsAt(gauge, amount, now);
        expect(Number.isFinite(at)).toBe(true);
        expect(at).toBeGreaterThanOrEqual(now);
        expect(fitsAt(gauge, amount, at)).toBe(at);
      }
    }),
    { numRuns: 500 },
  );
});
