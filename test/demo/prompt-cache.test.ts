import { describe, expect, test } from "bun:test";

import { fieldOf } from "../../src/demo/json.ts";
import type { Simulator } from "../../src/demo/simulator.ts";
import { SECRET, simulate } from "./ask.ts";

/** 6,000 bytes: 1,500 tokens. */
const LONG = "word ".repeat(1_200);
const OTHER = "sk-test-0000000000000000c3d4";

const JSON_TYPE = { "content-type": "application/json" };
const PROVIDERS = {
  openai: {
    path: "/v1/chat/completions",
    headers: (secret: string) => ({ authorization: `Bearer ${secret}` }),
    body: (prompt: string, ...more: string[]) => ({
      model: "gpt-4o",
      messages: [prompt, ...more].map((content) => ({ role: "user", content })),
    }),
    cached: (usage: unknown) => fieldOf(fieldOf(usage, "prompt_tokens_details"), "cached_tokens"),
  },
  responses: {
    path: "/v1/responses",
    headers: (secret: string) => ({ authorization: `Bearer ${secret}` }),
    body: (prompt: string, ...more: string[]) => ({
      model: "gpt-4o",
      input: [prompt, ...more].map((content) => ({ role: "user", content })),
    }),
    cached: (usage: unknown) => fieldOf(fieldOf(usage, "input_tokens_details"), "cached_tokens"),
  },
  anthropic: {
    path: "/v1/messages",
    headers: (secret: string) => ({ "x-api-key": secret, "anthropic-version": "2023-06-01" }),
    body: (prompt: string, ...more: string[]) => ({
      model: "claude-sonnet-5-5",
      max_tokens: 10,
      system: [{ type: "text", text: prompt, cache_control: { type: "ephemeral" } }],
      messages: ["Hi", ...more].map((content) => ({ role: "user", content })),
    }),
    cached: (usage: unknown) => fieldOf(usage, "cache_read_input_tokens"),
  },
  gemini: {
    path: "/v1beta/models/gemini-2.5-flash:generateContent",
    headers: (secret: string) => ({ "x-goog-api-key": secret }),
    body: (prompt: string, ...more: string[]) => ({
      contents: [prompt, ...more].map((text) => ({ role: "user", parts: [{ text }] })),
    }),
    cached: (usage: unknown) => fieldOf(usage, "cachedContentTokenCount") ?? 0,
  },
};

type Provider = keyof typeof PROVIDERS;

async function usageOf(
  simulator: Simulator,
  provider: Provider,
  prompts: [string, ...string[]],
  secret = SECRET,
) {
  const { path, headers, body } = PROVIDERS[provider];
  const answer = await fetch(simulator.url + path, {
    method: "POST",
    headers: { ...JSON_TYPE, ...headers(secret) },
    body: JSON.stringify(body(...prompts)),
  });
  const json: unknown = await answer.json();
  return fieldOf(json, "usage") ?? fieldOf(json, "usageMetadata");
}

describe.each(["openai", "responses", "anthropic", "gemini"] as const)(
  "the simulated prompt cache, %s",
  (provider) => {
    const { cached } = PROVIDERS[provider];

    test("knows the beginning of a prompt that its account had before, and no more", async () => {
      await using simulator = simulate();
      simulator.addKey({ secret: OTHER });
      expect(cached(await usageOf(simulator, provider, [LONG]))).toBe(0);
      const again = cached(await usageOf(simulator, provider, [LONG, "And this?"]));
      expect(again).toBeGreaterThanOrEqual(1_408);
      expect(again).toBeLessThanOrEqual(1_536);
      expect(cached(await usageOf(simulator, provider, [LONG.replace("word", "Word"), "And this?"]))).toBe(0);
      expect(cached(await usageOf(simulator, provider, [LONG, "And this?"], OTHER))).toBe(0);
    });

    test("caches nothing below 1,024 tokens, and forgets after five minutes without use", async () => {
      let now = 1_763_000_000_000;
      await using simulator = simulate({}, { now: () => now });
      await usageOf(simulator, provider, ["word ".repeat(500)]);
      expect(cached(await usageOf(simulator, provider, ["word ".repeat(500)]))).toBe(0);
      await usageOf(simulator, provider, [LONG]);
      now += 4 * 60_000;
      expect(cached(await usageOf(simulator, provider, [LONG]))).toBeGreaterThan(0);
      now += 4 * 60_000;
      expect(cached(await usageOf(simulator, provider, [LONG]))).toBeGreaterThan(0);
      now += 6 * 60_000;
      expect(cached(await usageOf(simulator, provider, [LONG]))).toBe(0);
    });
  },
);

test("Anthropic counts what it caches apart from other input, and caches only what is marked", async () => {
  await using simulator = simulate();
  const first = await usageOf(simulator, "anthropic", [LONG]);
  const second = await usageOf(simulator, "anthropic", [LONG]);
  const written = Number(fieldOf(first, "cache_creation_input_tokens"));
  expect(written).toBeGreaterThanOrEqual(1_408);
  expect(fieldOf(second, "cache_read_input_tokens")).toBe(written);
  expect(fieldOf(second, "input_tokens")).toBe(fieldOf(first, "input_tokens"));
  const { path, headers } = PROVIDERS.anthropic;
  const unmarked = { model: "claude-sonnet-5-5", max_tokens: 9, system: LONG, messages: [] };
  for (let turn = 0; turn < 2; turn += 1) {
    const answer = await fetch(simulator.url + path, {
      method: "POST",
      headers: { ...JSON_TYPE, ...headers(SECRET) },
      body: JSON.stringify(unmarked),
    });
    expect(fieldOf(await answer.json(), "usage")).toMatchObject({
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    });
  }
});

test("what is refused for a limit leaves nothing in the cache", async () => {
  let now = 1_763_000_000_000;
  await using simulator = simulate({ limits: { rpm: 1 } }, { now: () => now });
  await usageOf(simulator, "openai", ["short"]);
  expect(await usageOf(simulator, "openai", [LONG])).toBeUndefined();
  now += 60_000;
  expect(PROVIDERS.openai.cached(await usageOf(simulator, "openai", [LONG]))).toBe(0);
});
