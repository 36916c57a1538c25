import { describe, expect, test } from "bun:test";
import { array, assert, boolean, double, property, record } from "fast-check";

import { weighted } from "../../../src/rotation/strategies/weighted.ts";
import { keyWith, NOW, seededRandom, tally } from "../rotation-key.ts";

const DRAWS = 20_000;

function tierOf(weights: readonly number[]) {
  const keys = weights.map((weight, index) => keyWith({ name: `key-${index}`, weight }));
  return { keys, maxWeight: Math.max(...weights), turn: 0 };
}

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
    const tier = tierOf(weights);
    const counts = tally(DRAWS, () =>
      weighted(
        tier,
        () => true,
        random,
        () => 1,
        NOW,
      ),
    );
    for (const [index, share] of shares.entries()) {
      expect((counts[`key-${index}`] ?? 0) / DRAWS).toBeCloseTo(share, 1.7);
    }
  });

  test("shares what an unusable key would have had among the others by their weights", () => {
    const random = seededRandom(7);
    const tier = tierOf([1, 100, 3]);
    const counts = tally(DRAWS, () =>
      weighted(
        tier,
        (key) => key !== tier.keys[1],
        random,
        () => 1,
        NOW,
      ),
    );
    expect(counts["key-1"]).toBeUndefined();
    expect((counts["key-2"] ?? 0) / DRAWS).toBeCloseTo(0.75, 1.7);
  });

  test("finds a usable key whenever there is one, whatever the chance", () => {
    const keys = array(record({ weight: double({ min: 1e-3, max: 1e6, noNaN: true }), up: boolean() }), {
      maxLength: 10,
    });
    const chance = double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    assert(
      property(keys, chance, (records, drawn) => {
        const tier = tierOf(records.map(({ weight }) => weight));
        const usable = tier.keys.filter((_, index) => records[index]?.up);
        const key = weighted(
          tier,
          (one) => usable.includes(one),
          () => drawn,
          () => 1,
          NOW,
        );
        if (usable.length === 0) expect(key).toBeUndefined();
        else expect(usable).toContain(key!);
      }),
    );
  });
});
