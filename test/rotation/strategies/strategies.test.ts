import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, integer, property, record } from "fast-check";

import { NO_LIMITS } from "../../../src/config/config.ts";
import { createKeyState, type RotationKey } from "../../../src/rotation/key-state.ts";
import { createBounds } from "../../../src/rotation/limits/bounds.ts";
import { headroomFor } from "../../../src/rotation/reserve.ts";
import { headroom } from "../../../src/rotation/strategies/headroom.ts";
import { latency } from "../../../src/rotation/strategies/latency.ts";
import { leastBusy } from "../../../src/rotation/strategies/least-busy.ts";
import { roundRobin } from "../../../src/rotation/strategies/round-robin.ts";
import type { Strategy } from "../../../src/rotation/strategies/strategy.ts";
import { weighted } from "../../../src/rotation/strategies/weighted.ts";
import {
  dead,
  keyWith,
  leaving,
  lookFor,
  NOW,
  seededRandom,
  stateWith,
  tally,
  tierOf,
} from "../rotation-key.ts";

const MODEL = "gpt-4o";
const ALL: [string, Strategy][] = [
  ["headroom", headroom],
  ["least-busy", leastBusy],
  ["latency", latency],
  ["round-robin", roundRobin],
  ["weighted", weighted],
];

const leftOn = (key: RotationKey) => headroomFor(key, MODEL, NOW);

function choose(
  strategy: Strategy,
  keys: readonly RotationKey[],
  random: () => number,
): RotationKey | undefined {
  return strategy(tierOf(keys), lookFor(), random);
}

describe("headroom", () => {
  test("takes each in proportion to what it has left and its weight", () => {
    const left: Record<string, number> = { a: 10, b: 20, c: 40, d: 30 };
    const keys = Object.entries(left).map(([name, requests]) =>
      keyWith({ name, weight: name === "d" ? 2 : 1, state: leaving(MODEL, requests) }),
    );
    const random = seededRandom(1);
    const counts = tally(130_000, () => headroom(tierOf(keys), lookFor(), random));
    expect(counts["a"]! / 10_000).toBeCloseTo(1, 1);
    expect(counts["b"]! / 20_000).toBeCloseTo(1, 1);
    expect(counts["c"]! / 40_000).toBeCloseTo(1, 1);
    expect(counts["d"]! / 60_000).toBeCloseTo(1, 1);
  });

  test("counts a configured concurrency as room", () => {
    const bounds = createBounds({ ...NO_LIMITS, concurrency: 3 });
    const key = keyWith({ name: "busy", bounds, state: stateWith((state) => (state.inFlight = 2)) });
    expect(leftOn(key)).toBe(1);
  });

  test("counts what a minute's bound has left as room", () => {
    const bounds = createBounds({ ...NO_LIMITS, rpm: 7 });
    expect(leftOn(keyWith({ name: "bounded", bounds }))).toBe(7);
  });

  test("among a thousand, takes those with more left more often", () => {
    const keys = Array.from({ length: 1_000 }, (_, index) =>
      index % 2 === 0
        ? keyWith({ name: "much", state: leaving(MODEL, 100) })
        : keyWith({ name: "little", state: leaving(MODEL, 1) }),
    );
    const tier = tierOf(keys);
    const random = seededRandom(2);
    const counts = tally(10_000, () => headroom(tier, lookFor(), random));
    expect(counts["much"]! / 10_000).toBeCloseTo(0.75, 1);
  });
});

describe("least-busy", () => {
  test("takes the one with the fewest requests under way for its weight", () => {
    const busy = (name: string, inFlight: number, weight: number) =>
      keyWith({ name, weight, state: stateWith((state) => (state.inFlight = inFlight)) });
    const keys = [busy("three", 3, 1), busy("one", 1, 1), busy("wide", 4, 8)];
    expect(choose(leastBusy, keys, seededRandom(3))?.name).toBe("wide");
    expect(choose(leastBusy, keys.slice(0, 2), seededRandom(3))?.name).toBe("one");
  });

  test("takes equals equally often", () => {
    const keys = ["a", "b", "c"].map((name) => keyWith({ name }));
    const random = seededRandom(4);
    const counts = tally(30_000, () => choose(leastBusy, keys, random));
    for (const name of ["a", "b", "c"]) expect(counts[name]! / 10_000).toBeCloseTo(1, 1);
  });
});

describe("latency", () => {
  const timed = (name: string, ttfbMs: number, inFlight = 0) =>
    keyWith({ name, state: stateWith((state) => Object.assign(state, { ttfbMs, inFlight })) });

  test("takes the fastest", () => {
    const keys = [timed("slow", 900), timed("fast", 100), timed("middling", 400)];
    expect(choose(latency, keys, seededRandom(5))?.name).toBe("fast");
  });

  test("takes a slower one where the fastest has many waiting", () => {
    const keys = [timed("slow", 300), timed("fast", 100, 4)];
    expect(choose(latency, keys, seededRandom(5))?.name).toBe("slow");
  });

  test("tries one that was never measured", () => {
    const keys = [timed("fast", 100), timed("new", 0)];
    expect(choose(latency, keys, seededRandom(5))?.name).toBe("new");
  });
});

describe.each(ALL)("%s", (_, strategy) => {
  test("takes only free keys, and one wherever there is one, among few and among many", () => {
    const ailments = constantFrom("none", "rests", "tried");
    const keyRecords = array(
      record({
        ailment: ailments,
        inFlight: integer({ min: 0, max: 9 }),
        ttfbMs: integer({ min: 0, max: 500 }),
      }),
      { maxLength: 60 },
    );
    assert(
      property(keyRecords, constantFrom(1, 5, 40), integer(), (records, rarity, seed) => {
        const ailmentOf = (index: number) =>
          index % rarity === 0 ? records[index]?.ailment : index % 2 === 0 ? "rests" : "tried";
        const keys = records.map(({ inFlight, ttfbMs }, index) =>
          keyWith({
            name: `key-${index}`,
            state: Object.assign(ailmentOf(index) === "rests" ? dead() : createKeyState(), {
              inFlight,
              ttfbMs,
            }),
          }),
        );
        const tried = keys.filter((_key, index) => ailmentOf(index) === "tried");
        const free = keys.filter((_key, index) => ailmentOf(index) === "none");
        const key = strategy(tierOf(keys), lookFor(tried), seededRandom(seed));
        if (free.length === 0) expect(key).toBeUndefined();
        else expect(free).toContain(key!);
      }),
      { numRuns: 300 },
    );
  });

  test("finds the only one of ten thousand that is alive, and the only one that was not tried", () => {
    const keys = Array.from({ length: 10_000 }, (_value, index) =>
      keyWith({ name: `key-${index}`, ...(index % 2 === 0 ? { state: dead() } : {}) }),
    );
    const only = keys[7_653]!;
    const tried = keys.filter((key) => key !== only);
    expect(strategy(tierOf(keys), lookFor(tried), seededRandom(6))).toBe(only);
  });

  test.each([0, 1 - 2 ** -53])("takes one whatever is drawn (%d)", (drawn) => {
    for (const size of [1, 2, 16, 17, 40]) {
      const keys = Array.from({ length: size }, (_value, index) => keyWith({ name: `key-${index}` }));
      expect(choose(strategy, keys, () => drawn)).toBeDefined();
    }
  });
});
