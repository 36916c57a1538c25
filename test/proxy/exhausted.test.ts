import { describe, expect, test } from "bun:test";

import { explainExhausted } from "../../src/proxy/exhausted.ts";
import { createRuntime, type UpstreamKey } from "../../src/proxy/runtime.ts";
import { type KeyState, modelStateOf } from "../../src/rotation/key-state.ts";
import { configWith } from "./config-with.ts";

const NOW = 1_763_000_000_000;
const MODEL = "gpt-4o";
const HOUR = 3_600_000;

const dead = (state: KeyState) => (state.setAside = { kind: "dead", reason: "invalid_api_key" });
const spent = (state: KeyState) =>
  (state.setAside = { kind: "spent", reason: "insufficient_quota", untilMs: NOW + HOUR });
const unserved = (state: KeyState) => (modelStateOf(state, MODEL).unservedUntilMs = NOW + HOUR);
const limitedFor = (ms: number) => (state: KeyState) => (modelStateOf(state, MODEL).coolUntilMs = NOW + ms);

/** Keys a, b, c, ... in these states, of which some failed this very request. */
function explain(states: ((state: KeyState) => unknown)[], failures: Record<string, string> = {}) {
  const keys = states.map((_, index) => ({ name: String.fromCodePoint(97 + index) }));
  const runtime = createRuntime(configWith({ keys }));
  for (const [index, change] of states.entries()) change(runtime.keys[index]!.state);
  const failed = new Map<UpstreamKey, string>();
  for (const key of runtime.keys) if (failures[key.name] !== undefined) failed.set(key, failures[key.name]!);
  return explainExhausted({ pool: runtime.poolFor("openai", MODEL), failures: failed, tokens: 1 }, NOW);
}

const fine = () => {};

describe("when no key can serve", () => {
  test("time will help: 429 with the soonest recovery, exactly", () => {
    const { error, retryAfterMs } = explain([limitedFor(30_000), limitedFor(1_234), dead, spent]);
    expect(error).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    expect(retryAfterMs).toBe(1_234);
  });

  test("all are spent: 429 until the first comes back", () => {
    expect(explain([spent, spent])).toMatchObject({ error: { status: 429 }, retryAfterMs: HOUR });
  });

  test("all are dead: 503, and no time to wait for", () => {
    expect(explain([dead, dead])).toMatchObject({ error: { status: 503 }, retryAfterMs: undefined });
  });

  test("none may use the model: 404", () => {
    expect(explain([unserved, unserved])).toMatchObject({
      error: { status: 404, code: "model_not_found", param: "model" },
    });
  });

  test("none serves the model: 404 that says what to do", () => {
    const { error } = explain([]);
    expect(error).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    expect(error.message).toContain(`"${MODEL}"`);
    expect(error.message).toContain("others");
  });

  test("upstreams failed: 502", () => {
    expect(explain([fine, dead], { a: "ECONNREFUSED" })).toMatchObject({
      error: { status: 502, code: "upstream_failed" },
    });
  });

  test("the circuits of all upstreams are open: 503 until the first is tried again, and no word of limits", () => {
    const runtime = createRuntime(configWith({ keys: [{ name: "a" }, { name: "b" }, { name: "c" }] }));
    const [a, b, c] = runtime.keys;
    a!.breaker.openUntilMs = NOW + 5_000;
    b!.breaker.openUntilMs = NOW + 5_000;
    if (c!.breaker.openUntilMs === 0) dead(c!.state);
    const asked = { pool: runtime.poolFor("openai", MODEL), failures: new Map(), tokens: 1 };
    const { error, retryAfterMs } = explainExhausted(asked, NOW);
    expect(error).toMatchObject({ status: 503, code: "upstream_failing" });
    expect(error.message).toContain("the upstream of a keeps failing, and is tried again in 5.0 s");
    expect(error.message).not.toContain("limited");
    expect(retryAfterMs).toBe(5_000);

    // While one request tries whether the upstream is back, it is soon known.
    for (const { breaker } of runtime.keys) Object.assign(breaker, { openUntilMs: NOW - 1, probing: true });
    expect(explainExhausted(asked, NOW).retryAfterMs).toBe(1_000);
  });

  test("upstreams were silent: 504", () => {
    expect(explain([fine], { a: "no first byte within 120 s" })).toMatchObject({
      error: { status: 504, code: "upstream_timeout" },
    });
  });
});

describe("the explanation", () => {
  test("says of each key by name why it cannot serve", () => {
    const { error } = explain([limitedFor(1_500), spent, dead, unserved, fine], { e: "HTTP 502" });
    for (const part of [
      "a is limited for 1.5 s",
      "b is spent (insufficient_quota)",
      "c is refused",
      "d may not use",
      "e failed (HTTP 502)",
    ]) {
      expect(error.message).toContain(part);
    }
  });

  test("never tells a secret", () => {
    const { error } = explain([limitedFor(1_000), dead, fine], { c: "HTTP 500" });
    expect(error.message).not.toContain("secret-of");
  });

  test("names a few of many keys, and counts the rest", () => {
    const { error } = explain(Array.from({ length: 20 }, () => dead));
    expect(error.message).toContain("and 12 more");
    expect(error.message.length).toBeLessThan(1_000);
  });
});
