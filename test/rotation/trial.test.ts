import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, integer, property, record } from "fast-check";

import type { Outcome } from "../../src/providers/outcome.ts";
import type { RotationKey } from "../../src/rotation/key-state.ts";
import { learn } from "../../src/rotation/learn.ts";
import type { Tried } from "../../src/rotation/look.ts";
import { mayFreeUp, soonest } from "../../src/rotation/outlook.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool, type Pool } from "../../src/rotation/pool.ts";
import { release, type Reservation, reserve, settle } from "../../src/rotation/reserve.ts";
import { roundRobin } from "../../src/rotation/strategies/round-robin.ts";
import { HOUR, keyWith, NOW } from "./rotation-key.ts";

const MODEL = "gpt-4o";
const FRESH: Tried = { keys: new Set(), failedUpstreams: new Set() };
const ASK = { tokens: 1, tried: FRESH };
const SERVED: Outcome = { kind: "served" };
const SPENT: Outcome = { kind: "spent", reason: "insufficient_quota", retryAfterMs: undefined };
const DEAD: Outcome = { kind: "dead", reason: "invalid_api_key", certain: true };

/** A key whose time of being spent has just passed, alone in its pool. */
function due(): { key: RotationKey; pool: Pool<RotationKey>; now: number } {
  const key = keyWith({ name: "spent" });
  learn(key.state, MODEL, SPENT, NOW, Math.random);
  return { key, pool: createPool(MODEL, [key]), now: NOW + HOUR };
}

function take(pool: Pool<RotationKey>, now: number): Reservation | undefined {
  const key = pick(pool, roundRobin, ASK, now, Math.random);
  return key === undefined ? undefined : reserve(key, MODEL, 1, now);
}

function answer(reservation: Reservation | undefined, outcome: Outcome, now: number) {
  if (reservation === undefined) throw new Error("No key was picked");
  settle(reservation, outcome, undefined, now);
  const change = learn(reservation.key.state, MODEL, outcome, now, Math.random);
  release(reservation, undefined, now);
  return change;
}

describe("when the time of a spent key has come", () => {
  test("one request tries it, and the others wait for its answer", () => {
    const { pool, now } = due();
    expect(take(pool, now)).toBeDefined();
    expect(take(pool, now)).toBeUndefined();
    expect(soonest(pool, ASK, now)).toBe(Number.POSITIVE_INFINITY);
    expect(mayFreeUp(pool, ASK.tried)).toBe(true);
  });

  test("all follow once that one is served", () => {
    const { key, pool, now } = due();
    expect(answer(take(pool, now), SERVED, now)).toEqual({ kind: "recovered" });
    expect(key.state.returnedMs).toBe(now);
    expect(take(pool, now)).toBeDefined();
    expect(take(pool, now)).toBeDefined();
  });

  test("none follows where that one finds it spent still, for twice as long", () => {
    const { pool, now } = due();
    answer(take(pool, now), SPENT, now);
    expect(take(pool, now)).toBeUndefined();
    expect(soonest(pool, ASK, now)).toBe(now + 2 * HOUR);
  });

  test.each<Outcome>([
    { kind: "client-error" },
    { kind: "abandoned" },
    { kind: "upstream-failure", reason: "reset" },
    { kind: "unserved-model" },
  ])("%j decides nothing: the next request tries it", (outcome) => {
    const { key, pool, now } = due();
    answer(take(pool, now), outcome, now);
    const later = now + HOUR;
    expect(take(pool, later)).toBeDefined();
    expect(take(pool, later)).toBeUndefined();
    expect(key.state.setAside).toMatchObject({ kind: "spent" });
  });

  test("a request that gives its place back unsent lets the next try", () => {
    const { pool, now } = due();
    const reservation = take(pool, now);
    if (reservation !== undefined) release(reservation, undefined, now);
    expect(take(pool, now)).toBeDefined();
  });
});

describe("a dead key that a free call cannot tell about", () => {
  const dead = (): ReturnType<typeof due> => {
    const key = keyWith({ name: "dead" });
    key.state.setAside = { kind: "dead", reason: "HTTP 401", comeback: { by: "trial", atMs: NOW } };
    key.state.timesDead = 1;
    return { key, pool: createPool(MODEL, [key]), now: NOW };
  };

  test("is tried by one request at its time, and back when that is served", () => {
    const { pool } = dead();
    expect(take(pool, NOW - 1)).toBeUndefined();
    const trial = take(pool, NOW);
    expect(take(pool, NOW)).toBeUndefined();
    expect(answer(trial, SERVED, NOW)).toEqual({ kind: "recovered" });
    expect(take(pool, NOW)).toBeDefined();
  });

  test("waits twice as long for its next trial when refused again, which is no news to its owner", () => {
    const { key, pool } = dead();
    expect(answer(take(pool, NOW), DEAD, NOW)).toBeUndefined();
    expect(key.state.setAside).toMatchObject({
      kind: "dead",
      comeback: { by: "trial", atMs: NOW + 2 * HOUR },
    });
  });

  test("is spent, and no longer dead, where its provider says so", () => {
    const { key, pool } = dead();
    expect(answer(take(pool, NOW), SPENT, NOW)).toMatchObject({ kind: "spent" });
    expect(key.state.setAside).toMatchObject({ kind: "spent", untilMs: NOW + HOUR });
  });
});

test("however trials end, there is never more than one at once, and never none for good", () => {
  const outcomes = constantFrom<Outcome | "unsent">(
    SERVED,
    SPENT,
    { kind: "abandoned" },
    { kind: "client-error" },
    { kind: "overloaded", retryAfterMs: 1_000 },
    "unsent",
  );
  const steps = array(
    record({
      outcome: outcomes,
      waits: integer({ min: 0, max: 48 * HOUR }),
      ends: integer({ min: 0, max: 3 }),
    }),
    { maxLength: 30 },
  );
  assert(
    property(steps, (answers) => {
      const key = keyWith({ name: "spent" });
      learn(key.state, MODEL, SPENT, NOW, () => 0.5);
      const pool = createPool(MODEL, [key]);
      let now = NOW;
      let underWay: Reservation[] = [];
      for (const { outcome, waits, ends } of answers) {
        now += waits;
        const wasSetAside = key.state.setAside !== undefined;
        const taken = take(pool, now);
        if (taken !== undefined) underWay.push(taken);
        if (wasSetAside) expect(underWay.filter(({ isTrial }) => isTrial).length).toBeLessThanOrEqual(1);
        for (const reservation of underWay.slice(0, ends)) {
          if (outcome === "unsent") release(reservation, undefined, now);
          else answer(reservation, outcome, now);
        }
        underWay = underWay.slice(ends);
      }
      for (const reservation of underWay) release(reservation, undefined, now);
      expect(take(pool, now + 100 * HOUR)).toBeDefined();
    }),
  );
});
