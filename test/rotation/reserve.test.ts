import { describe, expect, test } from "bun:test";

import { NO_LIMITS } from "../../src/config/config.ts";
import type { Outcome } from "../../src/providers/outcome.ts";
import type { ToldLimits } from "../../src/providers/told-limits.ts";
import { type Breaker, createBreaker } from "../../src/rotation/breaker.ts";
import { createBounds } from "../../src/rotation/limits/bounds.ts";
import type { Tried } from "../../src/rotation/look.ts";
import { mayFreeUp, soonest } from "../../src/rotation/outlook.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { release, reserve, roomAt, settle } from "../../src/rotation/reserve.ts";
import { headroom } from "../../src/rotation/strategies/headroom.ts";
import { keyWith, MINUTE, NOW, seededRandom } from "./rotation-key.ts";

const MODEL = "gpt-4o";
const FRESH: Tried = { keys: new Set(), failedUpstreams: new Set() };
const ONE = { tokens: 1, tried: FRESH };
const SERVED: Outcome = { kind: "served" };
const FAILED: Outcome = { kind: "upstream-failure", reason: "reset" };
const ABANDONED: Outcome = { kind: "abandoned" };

const toldRequests = (limit: number, remaining: number, fullInMs = MINUTE): ToldLimits => ({
  requests: { limit, remaining, fullInMs },
  tokens: undefined,
});

test("a hundred simultaneous picks take a hundred remaining requests and not one more", () => {
  const keys = [11, 21, 31, 41].map((limit) => {
    const key = keyWith({ name: `of-${limit}` });
    const first = reserve(key, MODEL, 1, NOW);
    settle(first, SERVED, toldRequests(limit, limit - 1), NOW);
    release(first, undefined, NOW);
    return key;
  });
  const pool = createPool(MODEL, keys);
  const random = seededRandom(1);
  for (let request = 0; request < 100; request += 1) {
    const key = pick(pool, headroom, ONE, NOW, random);
    expect(key).toBeDefined();
    reserve(key!, MODEL, 1, NOW);
  }
  expect(pick(pool, headroom, ONE, NOW, random)).toBeUndefined();
  expect(soonest(pool, ONE, NOW)).toBe(NOW + MINUTE);
});

test("limits of one model say nothing of another's", () => {
  const key = keyWith({ name: "key" });
  settle(reserve(key, MODEL, 1, NOW), SERVED, toldRequests(10, 0), NOW);
  expect(roomAt(key, MODEL, 1, NOW)).toBe(NOW + MINUTE);
  expect(roomAt(key, "o3", 1, NOW)).toBe(NOW);
});

test("a release counts once, however often it is called", () => {
  const key = keyWith({ name: "key" });
  const reservation = reserve(key, MODEL, 1, NOW);
  release(reservation, 5, NOW);
  release(reservation, 5, NOW);
  expect(key.state.inFlight).toBe(0);
});

test("the tokens that an answer used settle the configured bound", () => {
  const key = keyWith({ name: "key", bounds: createBounds({ ...NO_LIMITS, tpm: 1_000 }) });
  release(reserve(key, MODEL, 900, NOW), 100, NOW);
  expect(roomAt(key, MODEL, 900, NOW)).toBe(NOW);
});

test("a refused request gives back the tokens that it held, where the answer tells no limits", () => {
  const key = keyWith({ name: "key" });
  const told: ToldLimits = {
    requests: undefined,
    tokens: { limit: 1_000, remaining: 1_000, fullInMs: MINUTE },
  };
  settle(reserve(key, MODEL, 0, NOW), SERVED, told, NOW);
  const refused = reserve(key, MODEL, 900, NOW);
  expect(roomAt(key, MODEL, 900, NOW)).toBeGreaterThan(NOW);
  settle(refused, { kind: "client-error" }, undefined, NOW);
  expect(roomAt(key, MODEL, 900, NOW)).toBe(NOW);
  const tooMuch: ToldLimits = {
    requests: undefined,
    tokens: { limit: 1_000, remaining: 100, fullInMs: MINUTE },
  };
  settle(reserve(key, MODEL, 900, NOW), { kind: "client-error" }, tooMuch, NOW);
  expect(roomAt(key, MODEL, 900, NOW)).toBeGreaterThan(NOW);
});

test("the probe of a half-open circuit that is given back unsent lets the next request try", () => {
  const key = keyWith({ name: "key" });
  for (let failure = 0; failure < 5; failure += 1)
    settle(reserve(key, MODEL, 1, NOW), FAILED, undefined, NOW);
  const later = NOW + 5_000;
  const probe = reserve(key, MODEL, 1, later);
  expect(roomAt(key, MODEL, 1, later)).toBe(Number.POSITIVE_INFINITY);
  release(probe, undefined, later);
  expect(roomAt(key, MODEL, 1, later)).toBe(later);
});

test("a key at its concurrency waits for an end, not for a time", () => {
  const key = keyWith({ name: "key", bounds: createBounds({ ...NO_LIMITS, concurrency: 1 }) });
  const pool = createPool(MODEL, [key]);
  const reservation = reserve(key, MODEL, 1, NOW);
  expect(soonest(pool, ONE, NOW)).toBe(Number.POSITIVE_INFINITY);
  expect(mayFreeUp(pool, FRESH)).toBe(true);
  release(reservation, undefined, NOW);
  expect(mayFreeUp(pool, FRESH)).toBe(false);
  expect(pick(pool, headroom, ONE, NOW, Math.random)).toBe(key);
});

describe("the circuit of an upstream", () => {
  function failing(breaker: Breaker) {
    const key = keyWith({ name: "key", breaker });
    for (let failure = 0; failure < 5; failure += 1) {
      const reservation = reserve(key, MODEL, 1, NOW);
      settle(reservation, FAILED, undefined, NOW);
      release(reservation, undefined, NOW);
    }
    return key;
  }

  test("closes all keys of the upstream to requests", () => {
    const breaker = createBreaker();
    failing(breaker);
    const sibling = keyWith({ name: "sibling", breaker });
    expect(roomAt(sibling, MODEL, 1, NOW)).toBe(NOW + 5_000);
  });

  test("lets one through when half-open, and after it all", () => {
    const key = failing(createBreaker());
    const later = NOW + 5_000;
    const probe = reserve(key, MODEL, 1, later);
    expect(roomAt(key, MODEL, 1, later)).toBe(Number.POSITIVE_INFINITY);
    settle(probe, { kind: "limited", scope: "model", retryAfterMs: 1 }, undefined, later);
    release(probe, undefined, later);
    expect(key.breaker.openUntilMs).toBe(0);
  });

  test("lets the next try when the probe's client went away", () => {
    const key = failing(createBreaker());
    const later = NOW + 5_000;
    const probe = reserve(key, MODEL, 1, later);
    settle(probe, ABANDONED, undefined, later);
    release(probe, undefined, later);
    expect(roomAt(key, MODEL, 1, later)).toBe(later);
  });

  test("is told once that it opened", () => {
    const key = keyWith({ name: "key" });
    const opened = Array.from({ length: 8 }, () =>
      settle(reserve(key, MODEL, 1, NOW), FAILED, undefined, NOW),
    );
    expect(opened.filter(Boolean)).toHaveLength(1);
  });
});
