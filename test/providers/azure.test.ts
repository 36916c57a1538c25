import { describe, expect, test } from "bun:test";

import type { Outcome } from "../../src/providers/outcome.ts";
import { type Answer, hintOf, outcomeOf } from "./refusal.ts";

const error = (code: string, message: string) => ({ error: { code, message } });

const WRONG_KEY =
  "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.";
const LIMIT =
  "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 26 seconds.";

describe("Azure's", () => {
  test.each<[string, Answer, Partial<Outcome>]>([
    ["wrong key", { status: 401, body: error("401", WRONG_KEY) }, { kind: "dead", certain: true }],
    [
      "network rule",
      { status: 403, body: error("403", "Access denied due to Virtual Network/Firewall rules.") },
      { kind: "dead" },
    ],
    [
      "blocked resource",
      { status: 403, body: error("Forbidden", "Resource is temporarily blocked.") },
      { kind: "dead" },
    ],
    [
      "missing deployment",
      {
        status: 404,
        body: error(
          "DeploymentNotFound",
          "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
        ),
      },
      { kind: "unserved-model" },
    ],
    ["missing path", { status: 404, body: error("404", "Resource not found") }, { kind: "client-error" }],
    [
      "rate limit",
      { status: 429, headers: { "retry-after": "26" }, body: error("429", LIMIT) },
      { kind: "limited", scope: "model", retryAfterMs: 26_000 },
    ],
    [
      "content filter",
      {
        status: 400,
        body: error(
          "content_filter",
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        ),
      },
      { kind: "client-error" },
    ],
    [
      "internal error",
      { status: 500, body: error("InternalServerError", "The server had an error") },
      { kind: "upstream-failure" },
    ],
  ])("%s", (_, answer, outcome) => {
    expect(outcomeOf("azure", answer)).toMatchObject(outcome);
  });
});

describe("Azure's hints", () => {
  test.each<[string, Record<string, string>, number | undefined]>([
    ["retry-after-ms before retry-after", { "retry-after-ms": "1200", "retry-after": "2" }, 1_200],
    ["whole seconds until the tokens are reset", { "x-ratelimit-reset-tokens": "44" }, 44_000],
    ["-1 is unknown", { "x-ratelimit-reset-tokens": "-1" }, undefined],
    ["-1 is unknown in retry-after as well", { "retry-after": "-1" }, undefined],
    ["-1 gives way to what is known", { "retry-after-ms": "-1", "retry-after": "3" }, 3_000],
    ["an empty reset says nothing", { "x-ratelimit-reset-tokens": "" }, undefined],
  ])("%s", (_, headers, expected) => {
    expect(hintOf("azure", { status: 429, headers })).toBe(expected);
  });
});
