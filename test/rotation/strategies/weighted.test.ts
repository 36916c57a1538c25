import { describe, expect, test } from "bun:test";
import { assert, constantFrom, integer, property } from "fast-check";

import type { RotationKey } from "../../../src/rotation/key-state.ts";
import { headroom } from "../../../src/rotation/strategies/headroom.ts";
import { leastBusy } from "../../../src/rotation/strategies/least-busy.ts";
import type { Strategy } from "../../../src/rotation/strategies/strategy.ts";
import { weighted } from "../../../src/rotation/strategies/weighted.ts";
import { dead, keyWith, lookFor, seededRandom, tally, tierOf } from "../rotation-key.ts";

const DRAWS = 20_000;

const keysOf = (weights: readonly number[]) =>
  weights.map((weight, index) => keyWith({ name: `key-${index}`, weight }));

describe("weighted", () => {
  test.each([
    [
      [1, 1],
      [0.5, 0.5],
    ],
    [
      [3, 1],
      [0.75, 0.25],
    ],
    [
      [1, 2, 7],
      [0.1, 0.2, 0.7],
    ],
    [
      [0.5, 1.5],
      [0.25, 0.75],
    ],
  ])("of weights %p gives the keys %p of the requests", (weights, shares) => {
    const random = seededRandom(42);
    const tier = tierOf(keysOf(weights));
    const counts = tally(DRAWS, () => weighted(tier, lookFor(), random));
    for (const [index, share] of shares.entries()) {
      expect((counts[`key-${index}`] ?? 0) / DRAWS).toBeCloseTo(share, 1.7);
    }
  });

  test("shares what a key that is not free would have had among the others by their weights", () => {
    const random = seededRandom(7);
    const keys = keysOf([1, 100, 3]);
    const tier = tierOf(keys);
    const counts = tally(DRAWS, () => weighted(tier, lookFor([keys[1]!]), random));
    expect(counts["key-1"]).toBeUndefined();
    expect((counts["key-2"] ?? 0) / DRAWS).toBeCloseTo(0.75, 1.7);
  });

  test("finds the one free key beside others of a million times its weight", () => {
    const keys = keysOf([1e6, 1e-3, 1e6]);
    const look = lookFor([keys[0]!, keys[2]!]);
    expect(weighted(tierOf(keys), look, seededRandom(3))).toBe(keys[1]);
  });
});

/** Strategies in which a key's weight is its share of the requests where nothing else tells keys apart. */
const BY_WEIGHT: [string, Strategy][] = [
  ["weighted", weighted],
  ["headroom", headroom],
];

describe.each(BY_WEIGHT)("%s", (_, strategy) => {
  test("keeps to the weights within a few percent, however many keys rest", () => {
    const sizes = constantFrom(2, 5, 16, 17, 40, 300);
    const restingOneIn = constantFrom(0, 2, 3);
    assert(
      property(sizes, restingOneIn, integer({ min: 1, max: 9 }), integer(), (size, oneIn, heavy, seed) => {
        const rests = (index: number) => oneIn > 0 && index > 1 && index % oneIn === 0;
        const keys = Array.from({ length: size }, (_value, index) =>
          keyWith({
            name: index % 2 === 0 ? "light" : "heavy",
            weight: index % 2 === 0 ? 1 : heavy,
            ...(rests(index) ? { state: dead() } : {}),
          }),
        );
        const total = (some: readonly RotationKey[]) => some.reduce((sum, { weight }) => sum + weight, 0);
        const free = keys.filter((_key, index) => !rests(index));
        const expected = total(free.filter(({ name }) => name === "heavy")) / total(free);

        const tier = tierOf(keys);
        const random = seededRandom(seed);
        const counts = tally(DRAWS, () => strategy(tier, lookFor(), random));

        expect(Math.abs((counts["heavy"] ?? 0) / DRAWS - expected)).toBeLessThan(0.03);
      }),
      { numRuns: 40 },
    );
  });
});

test("least-busy shares by weight what is under way", () => {
  const keys = keysOf([1, 2, 5]);
  const tier = tierOf(keys);
  const random = seededRandom(11);
  for (let request = 0; request < 80; request += 1) leastBusy(tier, lookFor(), random)!.state.inFlight += 1;
  expect(keys.map(({ state }) => state.inFlight)).toEqual([10, 20, 50]);
});
