import { expect, test } from "bun:test";

import { actByHand } from "../../src/rotation/by-hand.ts";
import { modelStateOf, type RotationKey } from "../../src/rotation/key-state.ts";
import { learn } from "../../src/rotation/learn.ts";
import { obstacleOf } from "../../src/rotation/obstacle.ts";
import { soonest } from "../../src/rotation/outlook.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool, type Pool } from "../../src/rotation/pool.ts";
import { release, reserve, settle } from "../../src/rotation/reserve.ts";
import { headroom } from "../../src/rotation/strategies/headroom.ts";
import { keyWith, NOW } from "./rotation-key.ts";

const MODEL = "gpt-4o";
const ASK = { tokens: 1, tried: { keys: new Set<RotationKey>(), failedUpstreams: new Set<string>() } };

function picked(pool: Pool<RotationKey>): string | undefined {
  return pick(pool, headroom, ASK, NOW, () => 0.5)?.name;
}

test("a disabled key serves nobody, and nobody waits for it, until it is enabled", () => {
  const key = keyWith({ name: "a" });
  const pool = createPool(MODEL, [key]);
  expect(picked(pool)).toBe("a");
  expect(actByHand(key, "disable")).toBe(true);
  expect(picked(pool)).toBeUndefined();
  expect(soonest(pool, ASK, NOW)).toBe(Number.POSITIVE_INFINITY);
  expect(actByHand(key, "disable")).toBe(false);
  expect(actByHand(key, "enable")).toBe(true);
  expect(picked(pool)).toBe("a");
});

test("an answer to what was under way does not enable it", () => {
  const key = keyWith({ name: "a" });
  const reservation = reserve(key, MODEL, 1, NOW);
  actByHand(key, "disable");
  settle(reservation, { kind: "served" }, undefined, NOW);
  learn(key.state, MODEL, { kind: "served" }, NOW, () => 0.5);
  release(reservation, 1, NOW);
  expect(picked(createPool(MODEL, [key]))).toBeUndefined();
});

test.each([
  ["limited", { kind: "limited", scope: "key", counts: undefined, retryAfterMs: 60_000 }],
  ["limited for the model", { kind: "limited", scope: "model", counts: undefined, retryAfterMs: 60_000 }],
  ["spent", { kind: "spent", reason: "insufficient_quota", retryAfterMs: undefined }],
  ["dead", { kind: "dead", reason: "invalid_api_key", certain: true }],
  ["without the model", { kind: "unserved-model" }],
] as const)("reset brings back a key that is %s", (_, outcome) => {
  const key = keyWith({ name: "a" });
  learn(key.state, MODEL, outcome, NOW, () => 0.5);
  const pool = createPool(MODEL, [key]);
  expect(picked(pool)).toBeUndefined();
  actByHand(key, "reset");
  expect(obstacleOf(key.state, MODEL, NOW)).toBeUndefined();
  expect(picked(pool)).toBe("a");
});

test("reset leaves a key disabled, and its requests under way counted", () => {
  const key = keyWith({ name: "a" });
  const reservation = reserve(key, MODEL, 1, NOW);
  actByHand(key, "disable");
  actByHand(key, "reset");
  expect(key.state.inFlight).toBe(1);
  expect(picked(createPool(MODEL, [key]))).toBeUndefined();
  release(reservation, 1, NOW);
  expect(key.state.inFlight).toBe(0);
});

test("limits that an answer tells after a reset are those of its own moment", () => {
  const key = keyWith({ name: "a" });
  const [first, second] = [reserve(key, MODEL, 1, NOW), reserve(key, MODEL, 1, NOW)];
  actByHand(key, "reset");
  const told = { requests: { limit: 10, remaining: 8, fullInMs: 60_000 }, tokens: undefined };
  settle(second, { kind: "served" }, told, NOW);
  settle(first, { kind: "served" }, { ...told, requests: { ...told.requests, remaining: 9 } }, NOW);
  expect(modelStateOf(key.state, MODEL).meter.requests?.remaining).toBe(8);
});
