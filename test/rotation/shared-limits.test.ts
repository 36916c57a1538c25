import { describe, expect, test } from "bun:test";

import type { ProviderName } from "../../src/config/config.ts";
import { PROVIDERS } from "../../src/providers/registry.ts";
import type { Outcome } from "../../src/providers/outcome.ts";
import { createRuntime } from "../../src/proxy/runtime.ts";
import { createKeyState } from "../../src/rotation/key-state.ts";
import { NOTHING_TRIED } from "../../src/rotation/look.ts";
import { soonest } from "../../src/rotation/outlook.ts";
import { pick } from "../../src/rotation/pick.ts";
import { release, reserve, roomAt, settle } from "../../src/rotation/reserve.ts";
import { headroom } from "../../src/rotation/strategies/headroom.ts";
import { recordKey, restoreKey } from "../../src/state/key-record.ts";
import { configWith } from "../proxy/config-with.ts";
import { keyWith, MINUTE, NOW } from "./rotation-key.ts";

const SERVED: Outcome = { kind: "served" };
const ASK = { tokens: 1, tried: NOTHING_TRIED };
const [ONE, OTHER] = ["deepseek/deepseek-r1:free", "qwen/qwen3-coder:free"] as const;

const told = (remaining: number) => ({
  requests: { limit: 50, remaining, fullInMs: MINUTE },
  tokens: undefined,
});

const keyOf = (provider: ProviderName) =>
  keyWith({ name: "key", state: createKeyState(0, PROVIDERS[provider].sharedLimits) });

test("two models that share five remaining requests of a key are sent five together", () => {
  const runtime = createRuntime(configWith({ keys: [{ name: "key", provider: "openrouter" }] }));
  const pools = [ONE, OTHER].map((model) => runtime.poolFor("openai", model));
  const take = (turn: number) => {
    const pool = pools[turn % 2];
    const key = pool && pick(pool, headroom, ASK, NOW, () => 0);
    return key && reserve(key, pool.model, 1, NOW);
  };
  const first = take(0);
  if (first === undefined) throw new Error("no key for the first");
  settle(first, SERVED, told(5), NOW);
  release(first, undefined, NOW);

  const taken = Array.from({ length: 12 }, (_value, turn) => take(turn));
  expect(taken.filter((one) => one !== undefined)).toHaveLength(5);
  for (const pool of pools) expect(soonest(pool, ASK, NOW)).toBe(NOW + MINUTE);
});

test("a model that was never asked for waits as well for the limit that others have used up", () => {
  const key = keyOf("openrouter");
  settle(reserve(key, ONE, 1, NOW), SERVED, told(0), NOW);
  expect(roomAt(key, OTHER, 1, NOW)).toBe(NOW + MINUTE);
  expect(roomAt(key, "openai/gpt-4o", 1, NOW)).toBe(NOW);
});

test("an answer to one model corrects what is left by what was sent for the other since", () => {
  const key = keyOf("openrouter");
  const first = reserve(key, ONE, 1, NOW);
  for (let request = 0; request < 3; request += 1) reserve(key, OTHER, 1, NOW);
  settle(first, SERVED, told(4), NOW);
  reserve(key, ONE, 1, NOW);
  expect(roomAt(key, OTHER, 1, NOW)).toBe(NOW + MINUTE);
});

test("a shared limit is shared after a restart too", () => {
  const before = keyOf("openrouter");
  settle(reserve(before, ONE, 1, NOW), SERVED, told(2), NOW);
  const record: unknown = JSON.parse(JSON.stringify(recordKey(before.state, before.bounds, NOW)));
  const key = keyOf("openrouter");
  expect(restoreKey(key.state, key.bounds, record, NOW, NOW)).toBe(true);
  for (const model of [ONE, OTHER]) reserve(key, model, 1, NOW);
  for (const model of [ONE, OTHER, "new:free"]) expect(roomAt(key, model, 1, NOW)).toBe(NOW + MINUTE);
});

describe("Anthropic counts together", () => {
  test.each([
    ["claude-opus-4-5", "claude-opus-4-1-20250805", true],
    ["claude-sonnet-4-5", "claude-sonnet-4-20250514", true],
    ["claude-opus-4-5", "claude-sonnet-4-5", false],
    ["claude-opus-4-5", "claude-opus-5", false],
    ["claude-sonnet-4-5", "claude-3-7-sonnet-20250219", false],
    ["claude-haiku-4-5", "claude-haiku-4-6", false],
  ])("%s and %s: %p", (one, other, isShared) => {
    const key = keyOf("anthropic");
    settle(reserve(key, one, 1, NOW), SERVED, told(0), NOW);
    expect(roomAt(key, other, 1, NOW) > NOW).toBe(isShared);
  });
});
