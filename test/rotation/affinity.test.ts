import { describe, expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, integer, property, record, uniqueArray } from "fast-check";

import { type Affinity, placementOf } from "../../src/rotation/affinity.ts";
import { modelStateOf, type RotationKey } from "../../src/rotation/key-state.ts";
import { createBucket } from "../../src/rotation/limits/gauge.ts";
import type { Tried } from "../../src/rotation/look.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool, type Pool } from "../../src/rotation/pool.ts";
import { reserve } from "../../src/rotation/reserve.ts";
import { roundRobin } from "../../src/rotation/strategies/round-robin.ts";
import { dead, keyWith, leaving, NOW, stateWith } from "./rotation-key.ts";

const MODEL = "gpt-4o";
const FRESH: Tried = { keys: new Set(), failedUpstreams: new Set() };

const affinityTo = (hash: number): Affinity => ({ hash, home: undefined });

/** Spread as hashes are. */
const HASHES = Array.from({ length: 2_000 }, (_, index) => Bun.hash.xxHash32(`conversation ${index}`));

const keysNamed = (count: number, fields: Partial<RotationKey> = {}) =>
  Array.from({ length: count }, (_, index) => keyWith({ name: `key-${index}`, ...fields }));

function pickFor(pool: Pool<RotationKey>, affinity: Affinity, tried = FRESH): RotationKey | undefined {
  return pick(pool, roundRobin, { tokens: 1, tried, affinity }, NOW, () => 0.5);
}

function homesIn(keys: readonly RotationKey[]): (string | undefined)[] {
  const pool = createPool(MODEL, keys);
  return HASHES.map((hash) => pickFor(pool, affinityTo(hash))?.name);
}

/** All keys in the order in which a hash takes them, each ruled out once it was picked. */
function orderFor(keys: readonly RotationKey[], hash: number): string[] {
  const pool = createPool(MODEL, keys);
  const order: RotationKey[] = [];
  for (;;) {
    const key = pickFor(pool, affinityTo(hash), { ...FRESH, keys: new Set(order) });
    if (key === undefined) return order.map(({ name }) => name);
    order.push(key);
  }
}

const limited = () => stateWith((state) => (modelStateOf(state, MODEL).coolUntilMs = NOW + 1_000));

describe("the key that requests with one affinity go to", () => {
  test("is the same one each time, whatever the order in the configuration", () => {
    const keys = keysNamed(8);
    expect(homesIn(keys.toReversed())).toEqual(homesIn(keys));
  });

  test.each([2, 7, 40, 200])("of %i keys each has its share", (count) => {
    const homes = Map.groupBy(homesIn(keysNamed(count)), (name) => name);
    const share = HASHES.length / count;
    expect(homes.size).toBeGreaterThan(0.95 * count);
    for (const { length } of homes.values()) expect(length).toBeLessThan(1.4 * share + 25);
  });

  test.each([
    [1, 8],
    [5, 6],
    [150, 5],
  ])("with a new key only its share moves, and to it: %i keys and one more, seed %i", (count, seed) => {
    const keys = keysNamed(count);
    const added = keyWith({ name: `new-${seed}` });
    const before = homesIn(keys);
    const after = homesIn([...keys, added]);
    const moved = after.filter((name, index) => name !== before[index]);
    const toOthers = moved.filter((name) => name !== added.name);
    // Among many keys a new one also pushes another out of the round of those near it.
    expect(toOthers.length).toBeLessThan(count < 64 ? 1 : HASHES.length * 0.02);
    expect(moved.length).toBeLessThan((1.6 * HASHES.length) / (count + 1) + 20);
  });

  test("only those of a key that is gone move", () => {
    const keys = keysNamed(9);
    const before = homesIn(keys);
    const after = homesIn(keys.slice(1));
    for (const [index, name] of before.entries()) {
      if (name !== "key-0") expect(after[index]).toBe(name);
    }
  });

  test("takes more where it weighs more, or its limits are larger", () => {
    const heavy = homesIn([keyWith({ name: "heavy", weight: 3 }), keyWith({ name: "light" })]);
    expect(heavy.filter((name) => name === "heavy").length / HASHES.length).toBeCloseTo(0.75, 1);
    const large = homesIn([
      keyWith({ name: "large", state: leaving(MODEL, 9_000) }),
      keyWith({ name: "small", state: leaving(MODEL, 1_000) }),
    ]);
    expect(large.filter((name) => name === "large").length / HASHES.length).toBeCloseTo(0.9, 1);
  });

  test("stays when the keys' equal limits become known one by one", () => {
    const keys = keysNamed(6);
    const before = homesIn(keys);
    for (const key of keys.slice(0, 3)) modelStateOf(key.state, MODEL).meter.requests = bucketOf(500);
    expect(homesIn(keys)).toEqual(before);
  });
});

const bucketOf = (limit: number) => createBucket(limit, 0, NOW);

describe("a request whose key cannot take it", () => {
  test("spills over in a fixed order, and is back when that key can", () => {
    const names = Array.from({ length: 7 }, (_, index) => `key-${index}`);
    assert(
      property(integer({ min: 0, max: 0xffffffff }), uniqueArray(constantFrom(...names)), (hash, full) => {
        const order = orderFor(keysNamed(7), hash);
        expect(order.toSorted()).toEqual(names);
        const keys = names.map((name) => keyWith({ name, ...(full.includes(name) && { state: limited() }) }));
        expect(orderFor(keys, hash)).toEqual(order.filter((name) => !full.includes(name)));
      }),
    );
  });

  test("counts as spilled while another serves it, and as at home again after", () => {
    const keys = keysNamed(4);
    const pool = createPool(MODEL, keys);
    const affinity = affinityTo(7);
    const home = pickFor(pool, affinity);
    expect(placementOf(affinity, home?.name ?? "")).toBe("hit");
    const other = pickFor(pool, affinity, { ...FRESH, keys: new Set([home!]) });
    expect(placementOf(affinity, other?.name ?? "")).toBe("spill");
    expect(placementOf(affinity, "")).toBeUndefined();
  });

  test("has a new home where the old one is dead", () => {
    const keys = keysNamed(4);
    const home = pickFor(createPool(MODEL, keys), affinityTo(7));
    const affinity = affinityTo(7);
    const pool = createPool(
      MODEL,
      keys.map((key) => (key === home ? { ...key, state: dead() } : key)),
    );
    // The first pick finds out that it is dead.
    pickFor(pool, affinity);
    const next = pickFor(pool, affinity);
    expect(placementOf(affinity, next?.name ?? "")).toBe("hit");
  });

  test("is left to the strategy where affinity finds no key", () => {
    const keys = keysNamed(300, { state: limited() });
    const last = keyWith({ name: "last" });
    expect(pickFor(createPool(MODEL, [...keys, last]), affinityTo(7))?.name).toBe("last");
  });
});

test("one conversation takes a few requests more than its share of the load, and no more", () => {
  assert(
    property(integer({ min: 2, max: 60 }), integer({ min: 1, max: 400 }), (count, requests) => {
      const keys = keysNamed(count);
      const pool = createPool(MODEL, keys);
      for (let sent = 1; sent <= requests; sent += 1) {
        const key = pickFor(pool, affinityTo(7));
        if (key === undefined) throw new Error("every key has room");
        reserve(key, MODEL, 1, NOW);
        expect(key.state.inFlight).toBeLessThanOrEqual(Math.ceil((1.25 * sent) / count + 8));
      }
    }),
  );
});

test("never takes a key that the strategy could not, and always one where the strategy could", () => {
  const ailments = constantFrom(
    "none",
    "dead",
    "spent",
    "key-limited",
    "model-limited",
    "unserved",
    "used-up",
  );
  const keyRecords = array(
    record({
      ailment: ailments,
      priority: integer({ min: 0, max: 2 }),
      weight: integer({ min: 1, max: 9 }),
      upstream: constantFrom("https://a.example", "https://b.example"),
      tried: boolean(),
      inFlight: integer({ min: 0, max: 40 }),
    }),
    { maxLength: 12 },
  );
  assert(
    property(
      keyRecords,
      integer({ min: 0, max: 0xffffffff }),
      constantFrom<string[][]>([], ["https://a.example"]),
      (rows, hash, failed) => {
        const build = () =>
          rows.map((row, index) => keyWith({ ...row, name: `${index}`, state: ailing(row) }));
        const triedOf = (keys: readonly RotationKey[]): Tried => ({
          keys: new Set(keys.filter((_, index) => rows[index]?.tried)),
          failedUpstreams: new Set(failed),
        });
        const keys = build();
        const withAffinity = pickFor(createPool(MODEL, keys), affinityTo(hash), triedOf(keys));
        const plainKeys = build();
        const ask = { tokens: 1, tried: triedOf(plainKeys) };
        const plain = pick(createPool(MODEL, plainKeys), roundRobin, ask, NOW, () => 0.5);
        expect(withAffinity === undefined).toBe(plain === undefined);
        if (withAffinity === undefined || plain === undefined) return;
        const row = rows[Number(withAffinity.name)];
        expect(row).toMatchObject({ ailment: "none", tried: false, priority: plain.priority });
        if (!failed.includes(plain.upstream)) expect(failed).not.toContain(withAffinity.upstream);
      },
    ),
    { numRuns: 1_000 },
  );
});

function ailing({ ailment, inFlight }: { readonly ailment: string; readonly inFlight: number }) {
  return stateWith((state) => {
    state.inFlight = inFlight;
    if (ailment === "dead") state.setAside = { kind: "dead", reason: "revoked" };
    if (ailment === "spent") state.setAside = { kind: "spent", reason: "no money", untilMs: NOW + 1_000 };
    if (ailment === "key-limited") state.coolUntilMs = NOW + 1_000;
    if (ailment === "model-limited") modelStateOf(state, MODEL).coolUntilMs = NOW + 1_000;
    if (ailment === "unserved") modelStateOf(state, MODEL).unservedUntilMs = NOW + 1_000;
    if (ailment === "used-up") modelStateOf(state, MODEL).meter.requests = { ...bucketOf(5), remaining: 0 };
  });
}
