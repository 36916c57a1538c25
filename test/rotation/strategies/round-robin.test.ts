import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, property } from "fast-check";

import type { RotationKey } from "../../../src/rotation/key-state.ts";
import { roundRobin } from "../../../src/rotation/strategies/round-robin.ts";
import { dead, keyWith, lookFor, tally, tierOf } from "../rotation-key.ts";

const keysNamed = (count: number) =>
  Array.from({ length: count }, (_, index) => keyWith({ name: `key-${index}` }));
const never = () => 0;

describe("round-robin", () => {
  test("takes each key in turn and begins again", () => {
    const tier = tierOf(keysNamed(3));
    const order = Array.from({ length: 7 }, () => roundRobin(tier, lookFor(), never)?.name.slice(4)).join("");
    expect(order).toBe("0120120");
  });

  test("keeps to the order of the configuration when a key comes back", () => {
    const keys = keysNamed(4);
    const tier = tierOf(keys);
    const take = () => roundRobin(tier, lookFor(), never)?.name.slice(4);
    keys[2]!.state.setAside = { kind: "spent", reason: "quota", untilMs: Number.MAX_SAFE_INTEGER };
    expect([take(), take(), take(), take()].join("")).toBe("0130");
    keys[2]!.state.setAside = undefined;
    tier.roster.wake(2);
    expect([take(), take(), take(), take()].join("")).toBe("1230");
  });

  test("gives every free key the same share, wherever others rest or were tried", () => {
    const ailments = constantFrom("none", "none", "rests", "tried");
    assert(
      property(array(ailments, { minLength: 1, maxLength: 60 }), (states) => {
        const keys = states.map((ailment, index) =>
          keyWith({ name: `key-${index}`, ...(ailment === "rests" ? { state: dead() } : {}) }),
        );
        const tier = tierOf(keys);
        const free = keys.filter((_, index) => states[index] === "none");
        const look = lookFor(keys.filter((_, index) => states[index] === "tried"));
        const counts = tally(free.length * 10, () => roundRobin(tier, look, never));
        expect(Object.keys(counts)).toHaveLength(free.length);
        for (const { name } of free) expect(counts[name]).toBe(10);
      }),
    );
  });

  test("stays fair while keys come and go", () => {
    const tier = tierOf(keysNamed(4));
    const down: RotationKey[] = [];
    const counts = tally(400, () => {
      const key = roundRobin(tier, lookFor(down), never);
      down.splice(0, 1, ...(key === undefined ? [] : [key]));
      return key;
    });
    expect(Object.values(counts)).toEqual([100, 100, 100, 100]);
  });

  test("takes none of none", () => {
    expect(roundRobin(tierOf([]), lookFor(), never)).toBeUndefined();
    const keys = keysNamed(3);
    expect(roundRobin(tierOf(keys), lookFor(keys), never)).toBeUndefined();
  });
});
