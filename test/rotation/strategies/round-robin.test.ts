import { describe, expect, test } from "bun:test";
import { array, assert, boolean, property } from "fast-check";

import type { RotationKey } from "../../../src/rotation/key-state.ts";
import { roundRobin } from "../../../src/rotation/strategies/round-robin.ts";
import { keyWith, NOW, tally } from "../rotation-key.ts";

function tierOf(count: number) {
  return {
    keys: Array.from({ length: count }, (_, index) => keyWith({ name: `key-${index}` })),
    maxWeight: 1,
    turn: 0,
  };
}

const take = (tier: ReturnType<typeof tierOf>, usable: (key: RotationKey) => boolean) =>
  roundRobin(
    tier,
    usable,
    () => 0,
    () => 1,
    NOW,
  );

describe("round-robin", () => {
  test("takes each key in turn and begins again", () => {
    const tier = tierOf(3);
    const order = Array.from({ length: 7 }, () => take(tier, () => true)?.name.slice(4)).join("");
    expect(order).toBe("0120120");
  });

  test("gives every usable key the same share, wherever others are missing", () => {
    assert(
      property(array(boolean(), { minLength: 1, maxLength: 20 }), (up) => {
        const tier = tierOf(up.length);
        const usable = tier.keys.filter((_, index) => up[index]);
        const counts = tally(usable.length * 10, () => take(tier, (key) => usable.includes(key)));
        expect(Object.keys(counts)).toHaveLength(usable.length);
        for (const { name } of usable) expect(counts[name]).toBe(10);
      }),
    );
  });

  test("stays fair while keys come and go", () => {
    const tier = tierOf(4);
    let down: RotationKey | undefined;
    const counts = tally(400, () => {
      const key = take(tier, (one) => one !== down);
      down = key;
      return key;
    });
    expect(Object.values(counts)).toEqual([100, 100, 100, 100]);
  });

  test("takes none of none", () => {
    expect(take(tierOf(0), () => true)).toBeUndefined();
    expect(take(tierOf(3), () => false)).toBeUndefined();
  });
});
