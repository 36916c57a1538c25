import { describe, expect, test } from "bun:test";

import type { Outcome } from "../../src/providers/outcome.ts";
import { type Answer, anthropicError, hintOf, NOW, outcomeOf } from "./refusal.ts";

const clientError: Outcome = { kind: "client-error" };
const unserved: Outcome = { kind: "unserved-model" };

const CREDIT =
  "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.";
const LIMIT =
  "This request would exceed your organization's rate limit of 50,000 input tokens per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits.";

describe("Anthropic's", () => {
  test.each<[string, Answer, Partial<Outcome>]>([
    [
      "wrong key",
      { status: 401, body: anthropicError("authentication_error", "invalid x-api-key") },
      { kind: "dead", certain: true },
    ],
    [
      "forbidden key",
      { status: 403, body: anthropicError("permission_error", "Your API key has been disabled.") },
      { kind: "dead", certain: true },
    ],
    [
      "forbidden model",
      {
        status: 403,
        body: anthropicError("permission_error", "Your organization may not use the model claude-opus-4-5."),
      },
      unserved,
    ],
    [
      "forbidden resource",
      {
        status: 403,
        body: anthropicError(
          "permission_error",
          "Your API key does not have permission to use the specified resource.",
        ),
      },
      unserved,
    ],
    [
      "billing error",
      { status: 402, body: anthropicError("billing_error", "There is an issue with your billing.") },
      { kind: "spent" },
    ],
    [
      "empty balance",
      { status: 400, body: anthropicError("invalid_request_error", CREDIT) },
      { kind: "spent" },
    ],
    [
      "spend limit",
      {
        status: 400,
        body: anthropicError(
          "invalid_request_error",
          "You have reached your organization's monthly spend limit.",
        ),
      },
      { kind: "spent" },
    ],
    [
      "rate limit",
      { status: 429, body: anthropicError("rate_limit_error", LIMIT) },
      { kind: "limited", scope: "model", counts: "tokens" },
    ],
    [
      "overload, which is nobody's limit",
      { status: 529, body: anthropicError("overloaded_error", "Overloaded") },
      { kind: "overloaded", retryAfterMs: undefined },
    ],
    [
      "missing model",
      { status: 404, body: anthropicError("not_found_error", "model: claude-9-opus") },
      unserved,
    ],
    [
      "missing batch",
      { status: 404, body: anthropicError("not_found_error", "Message batch not found") },
      clientError,
    ],
    [
      "too large request",
      { status: 413, body: anthropicError("request_too_large", "Request exceeds the maximum size") },
      clientError,
    ],
    [
      "too large request, from the edge",
      { status: 413, body: "<html><h1>413 Request Entity Too Large</h1></html>" },
      clientError,
    ],
    [
      "too long prompt",
      {
        status: 400,
        body: anthropicError("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
      },
      clientError,
    ],
    ["conflict", { status: 409, body: anthropicError("invalid_request_error", "Conflict") }, clientError],
    [
      "internal error",
      { status: 500, body: anthropicError("api_error", "Internal server error") },
      { kind: "upstream-failure" },
    ],
  ])("%s", (_, answer, outcome) => {
    expect(outcomeOf("anthropic", answer)).toMatchObject(outcome);
  });

  test("usage limit states when access comes back", () => {
    const message =
      "You have reached your specified API usage limits. You will regain access on 2025-12-01 at 00:00 UTC.";
    expect(
      outcomeOf("anthropic", { status: 400, body: anthropicError("invalid_request_error", message) }),
    ).toMatchObject({
      kind: "spent",
      retryAfterMs: Date.UTC(2025, 11, 1) - NOW,
    });
  });
});

const limitedWith = (headers: Record<string, string>) => hintOf("anthropic", { status: 429, headers });

const inSeconds = (seconds: number) => new Date(NOW + seconds * 1000).toISOString().replace(".000Z", "Z");

describe("Anthropic's reset headers", () => {
  test("tell when the limit that is used up is full again", () => {
    expect(
      limitedWith({
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": inSeconds(1),
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": inSeconds(34),
      }),
    ).toBe(34_000);
  });

  test("tell the latest where several are used up", () => {
    expect(
      limitedWith({
        "anthropic-ratelimit-tokens-remaining": "0",
        "anthropic-ratelimit-tokens-reset": inSeconds(12),
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": inSeconds(50),
      }),
    ).toBe(50_000);
  });

  test("are read with an offset as well", () => {
    const headers = {
      "anthropic-ratelimit-requests-remaining": "0",
      "anthropic-ratelimit-requests-reset": "2025-11-13T03:13:30+01:00",
    };
    expect(limitedWith(headers)).toBe(10_000);
  });

  test("come after retry-after", () => {
    const headers = {
      "retry-after": "5",
      "anthropic-ratelimit-requests-remaining": "0",
      "anthropic-ratelimit-requests-reset": inSeconds(59),
    };
    expect(limitedWith(headers)).toBe(5_000);
  });

  test.each(["2020-01-01T00:00:00Z", "soon", ""])("that say %p say nothing", (reset) => {
    const headers = {
      "anthropic-ratelimit-requests-remaining": "0",
      "anthropic-ratelimit-requests-reset": reset,
    };
    expect(limitedWith(headers)).toBeUndefined();
  });
});
