import { describe, expect, test } from "bun:test";

import type { ProviderName } from "../../../src/config/config.ts";
import { PROVIDERS } from "../../../src/providers/registry.ts";
import type { ToldLimits } from "../../../src/providers/told-limits.ts";
import { NOW } from "../rotation-key.ts";

const read = (provider: ProviderName, headers: Record<string, string>): ToldLimits | undefined =>
  PROVIDERS[provider].readLimits(new Headers(headers), NOW);

const OPENAI = {
  "x-ratelimit-limit-requests": "500",
  "x-ratelimit-remaining-requests": "499",
  "x-ratelimit-reset-requests": "120ms",
  "x-ratelimit-limit-tokens": "200000",
  "x-ratelimit-remaining-tokens": "150000",
  "x-ratelimit-reset-tokens": "6m0s",
};

const ANTHROPIC = {
  "anthropic-ratelimit-requests-limit": "50",
  "anthropic-ratelimit-requests-remaining": "49",
  "anthropic-ratelimit-requests-reset": new Date(NOW + 1_000).toISOString(),
  "anthropic-ratelimit-tokens-limit": "40000",
  "anthropic-ratelimit-tokens-remaining": "39000",
  "anthropic-ratelimit-tokens-reset": new Date(NOW + 2_000).toISOString(),
};

const AZURE = {
  "x-ratelimit-limit-tokens": "30000",
  "x-ratelimit-remaining-tokens": "29000",
  "x-ratelimit-reset-tokens": "2",
};

const OPENROUTER = {
  "x-ratelimit-limit": "20",
  "x-ratelimit-remaining": "19",
  "x-ratelimit-reset": String(NOW + 60_000),
};

describe("limits are read from the headers of", () => {
  const openAiLike = [
    "openai",
    "groq",
    "mistral",
    "deepseek",
    "xai",
    "together",
    "fireworks",
    "compatible",
  ] as const;

  test.each(openAiLike)("%s, resets as Go durations", (provider) => {
    expect(read(provider, OPENAI)).toEqual({
      requests: { limit: 500, remaining: 499, fullInMs: 120 },
      tokens: { limit: 200_000, remaining: 150_000, fullInMs: 360_000 },
    });
  });

  test("anthropic, resets as instants", () => {
    expect(read("anthropic", ANTHROPIC)).toEqual({
      requests: { limit: 50, remaining: 49, fullInMs: 1_000 },
      tokens: { limit: 40_000, remaining: 39_000, fullInMs: 2_000 },
    });
  });

  test("anthropic, where an instant has passed on the way", () => {
    const reset = new Date(NOW - 400).toISOString();
    const told = read("anthropic", { ...ANTHROPIC, "anthropic-ratelimit-requests-reset": reset });
    expect(told?.requests?.fullInMs).toBe(0);
  });

  test("azure, tokens in whole seconds", () => {
    expect(read("azure", AZURE)).toEqual({
      requests: undefined,
      tokens: { limit: 30_000, remaining: 29_000, fullInMs: 2_000 },
    });
  });

  test("openrouter, reset as epoch milliseconds", () => {
    expect(read("openrouter", OPENROUTER)).toEqual({
      requests: { limit: 20, remaining: 19, fullInMs: 60_000 },
      tokens: undefined,
    });
  });
});

test("gemini tells none", () => {
  expect(read("gemini", { ...OPENAI, ...OPENROUTER })).toBeUndefined();
});

const COMPLETE: [ProviderName, Record<string, string>][] = [
  ["openai", OPENAI],
  ["anthropic", ANTHROPIC],
  ["azure", AZURE],
  ["openrouter", OPENROUTER],
];

describe.each(COMPLETE)("of %s's headers", (provider, complete) => {
  const bad = ["-1", "unknown", "NaN"];

  test("none at all tell nothing", () => {
    expect(read(provider, {})).toBeUndefined();
  });

  test.each(Object.keys(complete))(
    "one that is missing or says nothing (%s) makes its limit unknown",
    (name) => {
      const headers = new Headers(complete);
      headers.delete(name);
      const kind = name.includes("tokens") ? "tokens" : "requests";
      expect(PROVIDERS[provider].readLimits(headers, NOW)?.[kind]).toBeUndefined();
      for (const value of bad) {
        // What is no duration may be an instant: Date.parse takes "-1" for a month of 2001.
        if (value === "-1" && provider === "anthropic" && name.endsWith("-reset")) continue;
        expect(read(provider, { ...complete, [name]: value })?.[kind]).toBeUndefined();
      }
    },
  );
});

test("more left than the limit counts as the limit", () => {
  expect(read("openai", { ...OPENAI, "x-ratelimit-remaining-requests": "900" })?.requests?.remaining).toBe(
    500,
  );
});
