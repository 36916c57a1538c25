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
  "x-ratelimit-remaining-requests": "9",
  "x-ratelimit-limit-tokens": "30000",
  "x-ratelimit-remaining-tokens": "29000",
  "x-ratelimit-reset-tokens": "2",
};

const MISTRAL = {
  "x-ratelimit-limit-req-minute": "720",
  "x-ratelimit-remaining-req-minute": "717",
  "x-ratelimit-limit-tokens-minute": "5000000",
  "x-ratelimit-remaining-tokens-minute": "4999911",
  "x-ratelimit-tokens-query-cost": "52",
};

const TOGETHER = {
  "x-ratelimit-limit": "10",
  "x-ratelimit-remaining": "9",
  "x-ratelimit-reset": "2",
  "x-tokenlimit-limit": "3000",
  "x-tokenlimit-remaining": "2500",
};

const CEREBRAS = {
  "x-ratelimit-limit-requests-day": "14400",
  "x-ratelimit-remaining-requests-day": "14399",
  "x-ratelimit-reset-requests-day": "33011.5",
  "x-ratelimit-limit-tokens-minute": "60000",
  "x-ratelimit-remaining-tokens-minute": "59000",
  "x-ratelimit-reset-tokens-minute": "11.5",
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

  const anthropicTokens = (counts: string, limit: number, remaining: number) => ({
    [`anthropic-ratelimit-${counts}-limit`]: String(limit),
    [`anthropic-ratelimit-${counts}-remaining`]: String(remaining),
    [`anthropic-ratelimit-${counts}-reset`]: new Date(NOW + 3_000).toISOString(),
  });

  test.each(["tokens", "input-tokens", "output-tokens"])("anthropic, %s alone as well", (counts) => {
    expect(read("anthropic", anthropicTokens(counts, 30_000, 12_000))).toEqual({
      requests: undefined,
      tokens: { limit: 30_000, remaining: 12_000, fullInMs: 3_000 },
    });
  });

  test.each([
    [8_000, 4_000, 30_000],
    [20_000, 4_000, 8_000],
    [15_000, 4_000, 30_000],
    [30_000, 7_000, 8_000],
  ])("anthropic, of %i tokens in and %i out the tighter, whose limit is %i", (input, output, limit) => {
    const both = {
      ...anthropicTokens("input-tokens", 30_000, input),
      ...anthropicTokens("output-tokens", 8_000, output),
    };
    expect(read("anthropic", both)?.tokens?.limit).toBe(limit);
    const all = { ...both, ...anthropicTokens("tokens", 38_000, 20_000) };
    expect(read("anthropic", all)?.tokens?.limit).toBe(38_000);
  });

  test("azure, which tells of requests only what is left, and of tokens a reset in whole seconds", () => {
    expect(read("azure", AZURE)).toEqual({
      requests: { limit: undefined, remaining: 9, fullInMs: undefined },
      tokens: { limit: 30_000, remaining: 29_000, fullInMs: 2_000 },
    });
  });

  test("mistral, by the minute, without resets", () => {
    expect(read("mistral", MISTRAL)).toEqual({
      requests: { limit: 720, remaining: 717, fullInMs: undefined },
      tokens: { limit: 5_000_000, remaining: 4_999_911, fullInMs: undefined },
    });
  });

  test("together, by the second, with one reset in seconds", () => {
    expect(read("together", TOGETHER)).toEqual({
      requests: { limit: 10, remaining: 9, fullInMs: 2_000 },
      tokens: { limit: 3_000, remaining: 2_500, fullInMs: 1_000 },
    });
  });

  test("together, of what changes with use where that is told", () => {
    const dynamic = {
      "x-ratelimit-limit-dynamic": "20",
      "x-ratelimit-remaining-dynamic": "15",
      "x-tokenlimit-limit-dynamic": "6000",
      "x-tokenlimit-remaining-dynamic": "100",
    };
    expect(read("together", { ...TOGETHER, ...dynamic })).toEqual({
      requests: { limit: 20, remaining: 15, fullInMs: 2_000 },
      tokens: { limit: 6_000, remaining: 100, fullInMs: 1_000 },
    });
  });

  test("cerebras, requests of the day and tokens of the minute, resets in seconds", () => {
    expect(read("compatible", CEREBRAS)).toEqual({
      requests: { limit: 14_400, remaining: 14_399, fullInMs: 33_011_500 },
      tokens: { limit: 60_000, remaining: 59_000, fullInMs: 11_500 },
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
  ["mistral", MISTRAL],
  ["compatible", CEREBRAS],
];

describe.each(COMPLETE)("of %s's headers", (provider, complete) => {
  const naming = (part: RegExp) => Object.keys(complete).filter((name) => part.test(name));
  const kindOf = (name: string) => (name.includes("tokens") ? "tokens" : "requests");
  /** What is told of the header's limit where the header says something else, or is missing. */
  const toldWith = (name: string, value?: string) => {
    const { [name]: _, ...others } = complete;
    return read(provider, value === undefined ? others : { ...others, [name]: value })?.[kindOf(name)];
  };
  const BAD = ["-1", "unknown", "NaN"];

  test("none at all tell nothing", () => {
    expect(read(provider, {})).toBeUndefined();
  });

  test.each(naming(/\bremaining\b/))("%s must be there and say something", (name) => {
    for (const value of [undefined, ...BAD]) expect(toldWith(name, value)).toBeUndefined();
  });

  test.each(naming(/\blimit\b/))("%s may be missing, but not be without sense", (name) => {
    expect(toldWith(name)).toMatchObject({ limit: undefined, remaining: expect.any(Number) });
    for (const value of [...BAD, "0"]) expect(toldWith(name, value)).toBeUndefined();
  });

  test.each(naming(/\breset\b/))("%s may be missing or say nothing", (name) => {
    const { limit, remaining } = toldWith(name, complete[name]) ?? {};
    for (const value of [undefined, ...BAD]) {
      // What is no duration may be an instant: Date.parse takes "-1" for a month of 2001.
      if (value === "-1" && provider === "anthropic") continue;
      expect(toldWith(name, value)).toEqual({ limit: limit!, remaining: remaining!, fullInMs: undefined });
    }
  });
});

test("more left than the limit counts as the limit", () => {
  expect(read("openai", { ...OPENAI, "x-ratelimit-remaining-requests": "900" })?.requests?.remaining).toBe(
    500,
  );
});
