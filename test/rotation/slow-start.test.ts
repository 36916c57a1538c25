import { describe, expect, test } from "bun:test";

import { enterBreaker, recordAnswer, recordFailure } from "../../src/rotation/breaker.ts";
import type { RotationKey } from "../../src/rotation/key-state.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { release, reserve, settle } from "../../src/rotation/reserve.ts";
import { slowStart } from "../../src/rotation/slow-start.ts";
import { headroom } from "../../src/rotation/strategies/headroom.ts";
import { latency } from "../../src/rotation/strategies/latency.ts";
import type { Strategy } from "../../src/rotation/strategies/strategy.ts";
import { keyWith, NOW, seededRandom, stateWith } from "./rotation-key.ts";

const MODEL = "gpt-4o";
const ASK = { tokens: 1, tried: { keys: new Set<RotationKey>(), failedUpstreams: new Set<string>() } };

const back = (name: string, fields: { ttfbMs?: number; priority?: number } = {}) =>
  keyWith({
    name,
    priority: fields.priority ?? 0,
    state: stateWith((state) => Object.assign(state, { returnedMs: NOW, ttfbMs: fields.ttfbMs ?? 0 })),
  });

describe("the share of a key", () => {
  test("that came back grows from a tenth to all of it in ten seconds", () => {
    const key = back("back");
    const shares = [0, 1_000, 2_000, 5_000, 10_000, 60_000].map((ms) => slowStart(key, NOW + ms));
    expect(shares).toEqual([0.1, 0.1, 0.2, 0.5, 1, 1]);
  });

  test("that was always there is all of it", () => {
    expect(slowStart(keyWith({ name: "always" }), NOW)).toBe(1);
  });

  test("whose upstream's circuit has closed grows as well", () => {
    const key = keyWith({ name: "key" });
    for (let failure = 0; failure < 5; failure += 1) recordFailure(key.breaker, false, NOW);
    enterBreaker(key.breaker);
    recordAnswer(key.breaker, NOW + 5_000);
    expect(slowStart(key, NOW + 6_000)).toBe(0.1);
    expect(slowStart(key, NOW + 15_000)).toBe(1);
    recordAnswer(key.breaker, NOW + 16_000);
    expect(slowStart(key, NOW + 16_000)).toBe(1);
  });
});

/** The part of the requests, sent one after the other, that a key takes so long after NOW. */
function partOf(
  key: RotationKey,
  others: readonly RotationKey[],
  strategy: Strategy,
  afterMs: number,
): number {
  const pool = createPool(MODEL, [key, ...others]);
  const random = seededRandom(3);
  const times = 5_000;
  let taken = 0;
  for (let turn = 0; turn < times; turn += 1) {
    if (pick(pool, strategy, ASK, NOW + afterMs, random) === key) taken += 1;
  }
  return taken / times;
}

describe("headroom", () => {
  test("gives a key that came back a growing part beside one that was always there", () => {
    const parts = [0, 5_000, 10_000].map((ms) =>
      partOf(back("back"), [keyWith({ name: "always" })], headroom, ms),
    );
    expect(parts[0]).toBeCloseTo(0.1 / 1.1, 1.5);
    expect(parts[1]).toBeCloseTo(0.5 / 1.5, 1.5);
    expect(parts[2]).toBeCloseTo(0.5, 1.5);
  });
});

/** Thirty requests at once: how many of them a key that came back takes. */
function takenOfBurst(key: RotationKey, other: RotationKey, strategy: Strategy, now: number): number {
  const pool = createPool(MODEL, [key, other]);
  const random = seededRandom(4);
  const reservations = Array.from({ length: 30 }, () => {
    const picked = pick(pool, strategy, ASK, now, random);
    return picked === undefined ? undefined : reserve(picked, MODEL, 1, now);
  });
  return reservations.filter((reservation) => reservation?.key === key).length;
}

describe("latency", () => {
  const always = () => keyWith({ name: "always", state: stateWith((state) => (state.ttfbMs = 200)) });

  test("does not pour a burst onto a key that came back, fast as it may have been", () => {
    const taken = [0, 5_000, 10_000].map((ms) =>
      takenOfBurst(back("back", { ttfbMs: 200 }), always(), latency, NOW + ms),
    );
    expect(taken[0]).toBeLessThan(6);
    expect(taken[1]).toBeWithin(7, 14);
    expect(taken[2]).toBe(15);
  });

  test("leaves a new key to chance at first, and tries it before all others later", () => {
    const atFirst = partOf(back("new"), [always()], latency, 0);
    expect(atFirst).toBeWithin(0.005, 0.1);
    expect(partOf(back("new"), [always()], latency, 10_000)).toBeGreaterThan(0.9);
  });
});

describe.each<[string, Strategy]>([
  ["headroom", headroom],
  ["latency", latency],
])("%s", (_, strategy) => {
  test("gives the only key all requests, though it has just come back", () => {
    expect(partOf(back("only"), [], strategy, 0)).toBe(1);
  });

  test("gives the only key of a tier all requests, though the next tier could serve", () => {
    expect(partOf(back("only"), [keyWith({ name: "next", priority: 1 })], strategy, 0)).toBe(1);
  });

  test("gives many that came back together all requests between them", () => {
    const keys = Array.from({ length: 40 }, (_value, index) => back(`key-${index}`));
    const pool = createPool(MODEL, keys);
    const random = seededRandom(5);
    for (let request = 0; request < 200; request += 1) {
      const key = pick(pool, strategy, ASK, NOW, random);
      if (key === undefined) throw new Error("A key should have been picked");
      const reservation = reserve(key, MODEL, 1, NOW);
      settle(reservation, { kind: "served" }, undefined, NOW + 100);
      release(reservation, undefined, NOW + 100);
    }
  });
});
