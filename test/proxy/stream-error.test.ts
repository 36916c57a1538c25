import { describe, expect, test } from "bun:test";

import type { ProviderName } from "../../src/config/config.ts";
import { readErrorBody } from "../../src/providers/error-body.ts";
import type { Outcome } from "../../src/providers/outcome.ts";
import { PROVIDERS } from "../../src/providers/registry.ts";
import { statusOfStreamError } from "../../src/proxy/stream-error.ts";

function outcomeOf(provider: ProviderName, body: unknown): Outcome {
  const facts = readErrorBody(JSON.stringify(body));
  const status = statusOfStreamError(facts);
  return PROVIDERS[provider].classify({ status, headers: new Headers(), facts, now: 1_763_000_000_000 });
}

describe("an error inside a 200 means what it means outside of one", () => {
  test.each<[ProviderName, unknown, Outcome["kind"]]>([
    [
      "anthropic",
      { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
      "overloaded",
    ],
    ["anthropic", { type: "error", error: { type: "rate_limit_error", message: "m" } }, "limited"],
    [
      "anthropic",
      { type: "error", error: { type: "api_error", message: "Internal server error" } },
      "upstream-failure",
    ],
    [
      "anthropic",
      { type: "error", error: { type: "timeout_error", message: "Timed out" } },
      "upstream-failure",
    ],
    [
      "anthropic",
      { type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } },
      "dead",
    ],
    [
      "anthropic",
      { type: "error", error: { type: "invalid_request_error", message: "Your credit balance is too low" } },
      "spent",
    ],
    [
      "anthropic",
      { type: "error", error: { type: "invalid_request_error", message: "prompt is too long" } },
      "client-error",
    ],
    ["openai", { error: { message: "m", type: "tokens", code: "rate_limit_exceeded" } }, "limited"],
    ["openai", { error: { message: "m", type: "insufficient_quota", code: "insufficient_quota" } }, "spent"],
    ["openai", { error: { message: "m", type: "server_error", code: null } }, "upstream-failure"],
    [
      "openai",
      { error: { message: "m", type: "invalid_request_error", code: "context_length_exceeded" } },
      "client-error",
    ],
    ["openai", { type: "error", code: "rate_limit_exceeded", message: "m" }, "limited"],
    ["openai", { type: "error", code: "server_error", message: "m" }, "upstream-failure"],
    ["openai", { type: "error", code: "context_length_exceeded", message: "m" }, "client-error"],
    ["gemini", { error: { code: 429, message: "m", status: "RESOURCE_EXHAUSTED" } }, "limited"],
    ["gemini", { error: { code: 503, message: "m", status: "UNAVAILABLE" } }, "upstream-failure"],
    ["gemini", { error: { code: 400, message: "m", status: "INVALID_ARGUMENT" } }, "client-error"],
    ["gemini", { event_type: "error", error: { code: "invalid_request", message: "m" } }, "client-error"],
    ["openrouter", { error: { code: 502, message: "Provider returned error" } }, "upstream-failure"],
    ["openrouter", { error: { code: 429, message: "Rate limited" } }, "limited"],
    ["openrouter", { error: { code: "server_error", message: "Provider disconnected" } }, "upstream-failure"],
    ["compatible", { error: "something" }, "upstream-failure"],
    ["compatible", { error: { code: "constructor", message: "m" } }, "upstream-failure"],
  ])("%s %j", (provider, body, kind) => {
    expect(outcomeOf(provider, body).kind).toBe(kind);
  });
});
