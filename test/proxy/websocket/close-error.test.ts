import { describe, expect, test } from "bun:test";

import type { Outcome } from "../../../src/providers/outcome.ts";
import { PROVIDERS } from "../../../src/providers/registry.ts";
import { readCloseError } from "../../../src/proxy/websocket/close-error.ts";

function outcomeOf(provider: "openai" | "gemini", code: number, reason: string): Outcome["kind"] | undefined {
  const error = readCloseError({ code, reason });
  return error && PROVIDERS[provider].classify({ ...error, headers: new Headers(), now: 0 }).kind;
}

describe("what the end of a WebSocket means", () => {
  test.each<[number, string, Outcome["kind"] | undefined]>([
    [1000, "", undefined],
    [1000, "API key not valid", undefined],
    [1007, "API key not valid. Please pass a valid API key.", "dead"],
    [1007, "API key expired. Please renew the API key.", "dead"],
    [1008, "Your API key was reported as leaked. Please use another API key.", "dead"],
    [1011, "You exceeded your current quota, please check your plan and billing details.", "limited"],
    [
      1011,
      "Request trace id: 1277, [ORIGINAL ERROR] generic::resource_exhausted: RESOURCE_EXHAUSTED: Maximum concurrent se",
      "limited",
    ],
    [
      1008,
      "models/gemini-0 is not found for API version v1beta, or is not supported for bidiGenerateContent.",
      "unserved-model",
    ],
    [1011, "Request trace id: 1, models/gemini-0 is not found for API version v1beta", "unserved-model"],
    [1011, "The service is currently unavailable.", "upstream-failure"],
    [1011, "Internal error encountered.", "upstream-failure"],
    [1001, "", "upstream-failure"],
    [1005, "", "upstream-failure"],
    [1013, "", "upstream-failure"],
    [1007, "Request contains an invalid argument.", "client-error"],
    [1008, "Operation is not implemented, or supported, or enabled.", "client-error"],
    [1009, "", "client-error"],
  ])("Google's %d %s", (code, reason, kind) => {
    expect(outcomeOf("gemini", code, reason)).toBe(kind);
  });

  test.each<[number, string, Outcome["kind"]]>([
    [3000, "invalid_request_error.invalid_api_key", "dead"],
    [3000, "invalid_request_error.model_not_found", "unserved-model"],
    [3000, "insufficient_quota.insufficient_quota", "spent"],
    [3000, "invalid_request_error.invalid_value", "client-error"],
    [4000, "server_error.internal", "upstream-failure"],
    [4000, "anything else", "client-error"],
  ])("OpenAI's %d %s", (code, reason, kind) => {
    expect(outcomeOf("openai", code, reason)).toBe(kind);
  });
});
