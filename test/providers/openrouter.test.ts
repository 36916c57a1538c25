import { describe, expect, test } from "bun:test";

import type { Outcome } from "../../src/providers/outcome.ts";
import { type Answer, hintOf, NOW, outcomeOf } from "./refusal.ts";

const error = (code: number, message: string, metadata?: unknown) => ({ error: { code, message, metadata } });

const CREDITS =
  "This request requires more credits, or fewer max_tokens. You requested up to 4096 tokens, but can only afford 100.";

describe("OpenRouter's", () => {
  test.each<[string, Answer, Partial<Outcome>]>([
    ["empty account", { status: 402, body: error(402, CREDITS) }, { kind: "spent", retryAfterMs: undefined }],
    [
      "budget of requests in flight",
      {
        status: 402,
        headers: { "retry-after": "3" },
        body: error(402, "Too much in flight", { limit_source: "openrouter_in_flight_budget" }),
      },
      { kind: "limited", scope: "key", retryAfterMs: 3_000 },
    ],
    [
      "day of free models, whose end only the body tells",
      {
        status: 429,
        body: error(429, "Rate limit exceeded: free-models-per-day", {
          headers: { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": String(NOW + 18_000_000) },
        }),
      },
      { retryAfterMs: 18_000_000 },
    ],
    [
      "402 with Retry-After",
      { status: 402, headers: { "retry-after": "3" } },
      { kind: "limited", retryAfterMs: 3_000 },
    ],
    [
      "moderation, which is the client's doing",
      {
        status: 403,
        body: error(403, "Your chosen model requires moderation and your input was flagged", {
          reasons: ["violence"],
          flagged_input: "...",
          provider_name: "OpenAI",
          model_slug: "openai/gpt-4o",
        }),
      },
      { kind: "client-error" },
    ],
    ["unknown key", { status: 401, body: error(401, "No auth credentials found") }, { kind: "dead" }],
    ["timeout", { status: 408, body: error(408, "Request timed out") }, { kind: "upstream-failure" }],
    [
      "broken provider",
      { status: 502, body: error(502, "Provider returned error") },
      { kind: "upstream-failure" },
    ],
    [
      "lack of providers",
      {
        status: 503,
        body: error(503, "There is no available model provider that meets your routing requirements"),
      },
      { kind: "upstream-failure" },
    ],
    [
      "lack of providers for a time",
      { status: 503, headers: { "retry-after": "9" } },
      { kind: "limited", retryAfterMs: 9_000 },
    ],
    [
      "rate limit",
      { status: 429, headers: { "retry-after": "4" }, body: error(429, "Rate limit exceeded") },
      { kind: "limited", retryAfterMs: 4_000 },
    ],
    [
      "bad request",
      { status: 400, body: error(400, "foo/bar is not a valid model ID") },
      { kind: "client-error" },
    ],
  ])("%s", (_, answer, outcome) => {
    expect(outcomeOf("openrouter", answer)).toMatchObject(outcome);
  });

  test("older reset is an instant in epoch milliseconds", () => {
    const headers = {
      "x-ratelimit-limit": "20",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String(NOW + 41_500),
    };
    expect(hintOf("openrouter", { status: 429, headers })).toBe(41_500);
  });

  test("reset that has passed says nothing", () => {
    expect(
      hintOf("openrouter", { status: 429, headers: { "x-ratelimit-reset": String(NOW - 1) } }),
    ).toBeUndefined();
  });
});
