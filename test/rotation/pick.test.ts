import { describe, expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, integer, property, record } from "fast-check";

import { modelStateOf, type RotationKey } from "../../src/rotation/key-state.ts";
import { ModelIndex } from "../../src/rotation/model-index.ts";
import { obstacleOf } from "../../src/rotation/obstacle.ts";
import type { Tried } from "../../src/rotation/look.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { roundRobin } from "../../src/rotation/strategies/round-robin.ts";
import type { Strategy } from "../../src/rotation/strategies/strategy.ts";
import { weighted } from "../../src/rotation/strategies/weighted.ts";
import { keyWith, NOW, seededRandom, stateWith } from "./rotation-key.ts";

const MODEL = "gpt-4o";
const FRESH: Tried = { keys: new Set(), failedUpstreams: new Set() };
const STRATEGIES: [string, Strategy][] = [
  ["round-robin", roundRobin],
  ["weighted", weighted],
];

const cooling = () => stateWith((state) => (modelStateOf(state, MODEL).coolUntilMs = NOW + 1_000));

function pickName(keys: readonly RotationKey[], strategy: Strategy, tried = FRESH): string | undefined {
  return pick(createPool(MODEL, keys), strategy, { tokens: 1, tried }, NOW, () => 0.5)?.name;
}

describe.each(STRATEGIES)("%s", (_, strategy) => {
  test("takes the lowest tier that has a usable key", () => {
    const keys = [
      keyWith({ name: "last", priority: 9 }),
      keyWith({ name: "backup", priority: 5 }),
      keyWith({ name: "main", priority: 1, state: cooling() }),
    ];
    expect(pickName(keys, strategy)).toBe("backup");
  });

  test("asks another upstream after a failure, even in a higher tier", () => {
    const keys = [
      keyWith({ name: "same", upstream: "https://a.example", priority: 0 }),
      keyWith({ name: "other", upstream: "https://b.example", priority: 9 }),
    ];
    const tried: Tried = { keys: new Set(), failedUpstreams: new Set(["https://a.example"]) };
    expect(pickName(keys, strategy, tried)).toBe("other");
  });

  test("asks the failed upstream again where no other can serve", () => {
    const keys = [
      keyWith({ name: "failed", upstream: "https://a.example" }),
      keyWith({ name: "sibling", upstream: "https://a.example" }),
      keyWith({ name: "limited", upstream: "https://b.example", state: cooling() }),
    ];
    const tried: Tried = { keys: new Set([keys[0]!]), failedUpstreams: new Set(["https://a.example"]) };
    expect(pickName(keys, strategy, tried)).toBe("sibling");
  });

  test("takes none where none can serve", () => {
    expect(pickName([keyWith({ name: "limited", state: cooling() })], strategy)).toBeUndefined();
    expect(pickName([], strategy)).toBeUndefined();
  });

  test("takes a key as soon as its time has come", () => {
    const pool = createPool(MODEL, [keyWith({ name: "limited", state: cooling() })]);
    expect(pick(pool, strategy, { tokens: 1, tried: FRESH }, NOW + 999, Math.random)).toBeUndefined();
    expect(pick(pool, strategy, { tokens: 1, tried: FRESH }, NOW + 1_000, Math.random)?.name).toBe("limited");
  });

  const ailments = constantFrom("none", "dead", "spent", "key-limited", "model-limited", "unserved");
  const keyRecords = array(
    record({
      ailment: ailments,
      untilMs: integer({ min: -2_000, max: 2_000 }),
      priority: integer({ min: 0, max: 2 }),
      weight: integer({ min: 1, max: 9 }),
      upstream: constantFrom("https://a.example", "https://b.example"),
      models: constantFrom([MODEL], ["gpt-*"], ["others"], ["o3"], [MODEL, "others"]),
      tried: boolean(),
    }),
    { maxLength: 12 },
  );

  test("never takes a key that is dead, spent, cooling, unserved, tried or of another model", () => {
    assert(
      property(
        keyRecords,
        array(constantFrom("https://a.example", "https://b.example")),
        integer(),
        (records, failed, seed) => {
          const keys = records.map(({ ailment, untilMs, ...rest }, index) =>
            Object.assign(keyWith({ name: `key-${index}`, ...rest }), {
              state: ailing(ailment, NOW + untilMs),
            }),
          );
          const tried: Tried = {
            keys: new Set(keys.filter((_key, index) => records[index]?.tried)),
            failedUpstreams: new Set(failed),
          };
          const eligible = new ModelIndex(keys).keysFor(MODEL, () => true);
          const usable = eligible.filter(
            (key) => !tried.keys.has(key) && obstacleOf(key.state, MODEL, NOW) === undefined,
          );
          const elsewhere = usable.filter((key) => !tried.failedUpstreams.has(key.upstream));
          const best = elsewhere.length > 0 ? elsewhere : usable;

          const key = pick(
            createPool(MODEL, eligible),
            strategy,
            { tokens: 1, tried },
            NOW,
            seededRandom(seed),
          );

          // One is found whenever there is one, and it is of the lowest tier among those that come first.
          if (best.length === 0) expect(key).toBeUndefined();
          else expect(best.filter(({ priority }) => priority === lowest(best))).toContain(key!);
        },
      ),
    );
  });
});

function lowest(keys: readonly RotationKey[]): number {
  return Math.min(...keys.map(({ priority }) => priority));
}

function ailing(ailment: string, untilMs: number) {
  return stateWith((state) => {
    if (ailment === "dead") state.setAside = { kind: "dead", reason: "revoked" };
    if (ailment === "spent") state.setAside = { kind: "spent", reason: "billing", untilMs };
    if (ailment === "key-limited") state.coolUntilMs = untilMs;
    if (ailment === "model-limited") modelStateOf(state, MODEL).coolUntilMs = untilMs;
    if (ailment === "unserved") modelStateOf(state, MODEL).unservedUntilMs = untilMs;
  });
}
