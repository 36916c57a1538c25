import { NO_LIMITS } from "../../src/config/config.ts";
import { createBreaker } from "../../src/rotation/breaker.ts";
import { createKeyState, modelStateOf, type RotationKey } from "../../src/rotation/key-state.ts";
import { createBounds } from "../../src/rotation/limits/bounds.ts";
import { createBucket } from "../../src/rotation/limits/gauge.ts";

export const MODEL = "gpt-4o-mini";
export const NOW = 1_800_000_000_000;

/** What can be the matter with a key. */
export const AILMENTS = {
  cooling(key: RotationKey, index: number) {
    modelStateOf(key.state, MODEL).coolUntilMs = NOW + 60_000 + index;
  },
  dead(key: RotationKey) {
    key.state.setAside = { kind: "dead", reason: "invalid_api_key" };
  },
  "used up until its window ends"(key: RotationKey, index: number) {
    const resetAtMs = NOW + 60_000 + index;
    const used = { refill: "window" as const, remaining: 0, resetAtMs, windowMs: 60_000 };
    modelStateOf(key.state, MODEL).meter.requests = { ...createBucket(100, 0, NOW), ...used };
  },
  "without room for a request as large"(key: RotationKey, index: number) {
    modelStateOf(key.state, MODEL).meter.tokens = {
      ...createBucket(10_000, 0.001, NOW),
      remaining: index % 90,
    };
  },
};

export function benchKeys(count: number): RotationKey[] {
  const breaker = createBreaker();
  return Array.from({ length: count }, (_, index) => ({
    name: `key-${index}`,
    seed: Bun.hash.xxHash32(`key-${index}`),
    upstream: "https://api.openai.com",
    priority: 0,
    weight: 1 + (index % 3),
    models: ["others"],
    state: createKeyState(),
    bounds: createBounds(NO_LIMITS),
    breaker,
    sleepers: [],
  }));
}

export const ask = {
  tokens: 100,
  tried: { keys: new Set<RotationKey>(), failedUpstreams: new Set<string>() },
};
