import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, integer, option, property, record } from "fast-check";

import { NO_LIMITS } from "../../../src/config/config.ts";
import {
  boundsFitAt,
  changeBounds,
  CLOCK_MS,
  createBounds,
  settleTokens,
  takeFromBounds,
  WAY_MS,
} from "../../../src/rotation/limits/bounds.ts";
import { DAY_BACK, HOUR, MINUTE, MINUTE_BACK, NOW } from "../rotation-key.ts";

test("without limits everything fits", () => {
  expect(boundsFitAt(createBounds(NO_LIMITS), 1_000_000, 1e9, NOW)).toBe(NOW);
});

test("a request comes back a minute and the time of its way after it was taken, and of the day's a day and that", () => {
  const bounds = createBounds({ ...NO_LIMITS, rpm: 1, rpd: 2 });
  takeFromBounds(bounds, 1, NOW);
  expect(boundsFitAt(bounds, 0, 1, NOW + 20_000)).toBe(NOW + MINUTE_BACK);
  takeFromBounds(bounds, 1, NOW + HOUR);
  expect(boundsFitAt(bounds, 0, 1, NOW + 2 * HOUR)).toBe(NOW + DAY_BACK);
  takeFromBounds(bounds, 1, NOW + DAY_BACK);
  expect(boundsFitAt(bounds, 0, 1, NOW + DAY_BACK)).toBe(NOW + DAY_BACK + HOUR);
});

test("the tightest limit decides", () => {
  const bounds = createBounds({ rpm: 60, tpm: 6_000, rpd: 24, concurrency: 5 });
  takeFromBounds(bounds, 6_000, NOW);
  expect(boundsFitAt(bounds, 0, 0, NOW)).toBe(NOW);
  expect(boundsFitAt(bounds, 0, 100, NOW)).toBe(NOW + MINUTE_BACK);
  for (let request = 1; request < 24; request += 1) takeFromBounds(bounds, 0, NOW);
  expect(boundsFitAt(bounds, 0, 100, NOW)).toBe(NOW + DAY_BACK);
});

test("at full concurrency only the end of another request makes room", () => {
  const bounds = createBounds({ ...NO_LIMITS, concurrency: 2 });
  expect(boundsFitAt(bounds, 1, 1, NOW)).toBe(NOW);
  expect(boundsFitAt(bounds, 2, 1, NOW)).toBe(Number.POSITIVE_INFINITY);
});

test("a request of more tokens than a minute allows is let through when the minute has none", () => {
  const bounds = createBounds({ ...NO_LIMITS, tpm: 1_000 });
  expect(boundsFitAt(bounds, 0, 5_000, NOW)).toBe(NOW);
  takeFromBounds(bounds, 5_000, NOW);
  expect(boundsFitAt(bounds, 0, 1, NOW)).toBe(NOW + MINUTE_BACK);
  takeFromBounds(bounds, 1, NOW + MINUTE_BACK);
  expect(boundsFitAt(bounds, 0, 5_000, NOW + MINUTE_BACK)).toBe(NOW + 2 * MINUTE_BACK);
});

test.each([
  [100, 40, 960],
  [100, 400, 600],
  [100, 0, 1_000],
])("an estimate of %i tokens of which %i were used leaves %i", (reserved, used, left) => {
  const bounds = createBounds({ ...NO_LIMITS, tpm: 1_000 });
  takeFromBounds(bounds, reserved, NOW);
  settleTokens(bounds, reserved, NOW, used, NOW + 20_000);
  expect(bounds.tpm?.left(NOW + 20_000)).toBe(left);
});

describe("no 60 seconds see more than the limit", () => {
  /** When so many asked, each so long after the one before, were let through. */
  const letThrough = (rpm: number, marginMs: number, pauses: readonly number[]) => {
    const bounds = createBounds({ ...NO_LIMITS, rpm }, marginMs);
    let exactMs = NOW + 0.5;
    return pauses.flatMap((pauseMs) => {
      exactMs += pauseMs;
      const now = Math.floor(exactMs);
      if (boundsFitAt(bounds, 0, 1, now) > now) return [];
      takeFromBounds(bounds, 1, now);
      return [exactMs];
    });
  };
  const pauses = array(constantFrom(0, 0, 0.25, 0.5, 900, 29_999.5, 30_000), {
    minLength: 20,
    maxLength: 80,
  });
  const mostIn = (instants: readonly number[], lengthMs: number) =>
    Math.max(
      ...instants.map((fromMs) => instants.filter((ms) => ms >= fromMs && ms < fromMs + lengthMs).length),
    );

  test("of a key at its upstream, however long each is on its way, up to a second", () => {
    const ways = array(integer({ min: 0, max: 1_000 }), { minLength: 80, maxLength: 80 });
    assert(
      property(integer({ min: 1, max: 8 }), pauses, ways, (rpm, some, wayMs) => {
        const arrivals = letThrough(rpm, WAY_MS, some).map(
          (ms, index) => Math.floor(ms) + (wayMs[index] ?? 0),
        );
        expect(mostIn(arrivals, MINUTE)).toBeLessThanOrEqual(rpm);
      }),
    );
  });

  test("of a client here, parts of a millisecond included", () => {
    assert(
      property(integer({ min: 1, max: 8 }), pauses, (rpm, some) => {
        expect(mostIn(letThrough(rpm, CLOCK_MS, some), MINUTE)).toBeLessThanOrEqual(rpm);
      }),
    );
  });
});

test("whatever the limits become, one that is let through is within those that there are then", () => {
  const limit = option(integer({ min: 1, max: 12 }), { nil: undefined, freq: 8 });
  const steps = array(
    record({
      afterMs: constantFrom(0, 0, 100, 20_000, MINUTE_BACK),
      rpm: limit,
      rpd: limit,
      asked: integer({ min: 0, max: 8 }),
    }),
    { maxLength: 30 },
  );
  assert(
    property(steps, (sequence) => {
      const bounds = createBounds(NO_LIMITS);
      // What was taken while there was no such limit is not known.
      let minute: number[] = [];
      let day: number[] = [];
      let now = NOW;
      for (const { afterMs, rpm, rpd, asked } of sequence) {
        now += afterMs;
        changeBounds(bounds, { ...NO_LIMITS, rpm, rpd });
        if (rpm === undefined) minute = [];
        if (rpd === undefined) day = [];
        const used = (taken: readonly number[], withinMs: number) =>
          taken.filter((ms) => ms > now - withinMs).length;
        for (let one = 0; one < asked; one += 1) {
          if (boundsFitAt(bounds, 0, 1, now) > now) continue;
          takeFromBounds(bounds, 1, now);
          if (rpm !== undefined) minute.push(now);
          if (rpd !== undefined) day.push(now);
          expect(used(minute, MINUTE)).toBeLessThanOrEqual(rpm ?? Number.POSITIVE_INFINITY);
          expect(used(day, DAY_BACK)).toBeLessThanOrEqual(rpd ?? Number.POSITIVE_INFINITY);
        }
      }
    }),
  );
});
