import { describe, expect, test } from "bun:test";
import { assert, double, integer, option, property } from "fast-check";

import { coolUntil, overloadedUntil, spentUntil } from "../../src/rotation/cooldown.ts";
import { HOUR, NOW } from "./rotation-key.ts";

const middle = () => 0.5;
const almostOne = () => 1 - Number.EPSILON;

const hints = option(integer({ min: 0, max: 48 * HOUR }), { nil: undefined });
const deadlines = integer({ min: 0, max: 48 * HOUR }).map((ms) => NOW - HOUR + ms);
const chances = double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const rows = integer({ min: 1, max: 2_000 });

describe("a limited key", () => {
  test("rests for as long as its provider says", () => {
    expect(coolUntil(NOW, 0, 34_074, 5, middle)).toBe(NOW + 34_074);
  });

  test("keeps the longer deadline when a late answer names a shorter one", () => {
    expect(coolUntil(NOW, NOW + 60_000, 500, 1, middle)).toBe(NOW + 60_000);
  });

  test("takes the longer deadline when a later answer names one", () => {
    expect(coolUntil(NOW, NOW + 500, 60_000, 1, middle)).toBe(NOW + 60_000);
  });

  test("is not asked again at once when told to come back in no time", () => {
    expect(coolUntil(NOW, 0, 0, 1, middle)).toBeGreaterThan(NOW);
  });

  test("is taken at its provider's word only once in a row, where that is shorter than the backoff", () => {
    expect(coolUntil(NOW, 0, 400, 1, middle)).toBe(NOW + 400);
    expect(coolUntil(NOW, 0, 400, 2, middle)).toBe(NOW + 1_000);
    expect(coolUntil(NOW, 0, 400, 3, middle)).toBe(NOW + 2_000);
    expect(coolUntil(NOW, 0, 2_400, 3, middle)).toBe(NOW + 2_400);
  });

  test.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [6, 32_000],
    [7, 60_000],
    [8, 60_000],
    [5_000, 60_000],
  ])("without a hint, at refusal %d in a row, rests up to %d ms", (refusals, ceilingMs) => {
    expect(coolUntil(NOW, 0, undefined, refusals, almostOne)).toBeCloseTo(NOW + ceilingMs, -1);
    expect(coolUntil(NOW, 0, undefined, refusals, middle)).toBe(NOW + ceilingMs / 2);
  });

  test("never gets a deadline earlier than the one in force, nor one that has passed", () => {
    assert(
      property(deadlines, hints, rows, chances, (current, hintMs, refusals, chance) => {
        const until = coolUntil(NOW, current, hintMs, refusals, () => chance);
        expect(until).toBeGreaterThanOrEqual(current);
        expect(until).toBeGreaterThan(NOW);
        expect(until).toBeGreaterThanOrEqual(NOW + (hintMs ?? 0));
      }),
    );
  });
});

describe("a provider short of capacity", () => {
  test("is asked again within two seconds where it names no time", () => {
    expect(overloadedUntil(NOW, 0, undefined, almostOne)).toBeLessThanOrEqual(NOW + 2_000);
  });

  test("is left alone for as long as it says", () => {
    expect(overloadedUntil(NOW, 0, 30_000, middle)).toBe(NOW + 30_000);
  });

  test("never shortens a deadline", () => {
    assert(
      property(deadlines, hints, chances, (current, hintMs, chance) => {
        expect(overloadedUntil(NOW, current, hintMs, () => chance)).toBeGreaterThanOrEqual(current);
      }),
    );
  });
});

describe("a spent key", () => {
  test("is tried again at the stated reset", () => {
    expect(spentUntil(NOW, 5 * HOUR, 4)).toBe(NOW + 5 * HOUR);
  });

  test.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [5, 16],
    [6, 24],
    [500, 24],
  ])("found spent %d times in a row, is tried again after %d h", (times, hours) => {
    expect(spentUntil(NOW, undefined, times)).toBe(NOW + hours * HOUR);
  });
});
