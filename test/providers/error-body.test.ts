import { describe, expect, test } from "bun:test";
import { assert, json, property, string } from "fast-check";

import { NO_FACTS, readErrorBody } from "../../src/providers/error-body.ts";
import { errorInfo, geminiError, quotaFailure, retryInfo } from "./refusal.ts";

describe("an error body", () => {
  test.each([
    [
      '{"error":{"message":"m","type":"tokens","param":null,"code":"rate_limit_exceeded"}}',
      { message: "m", type: "tokens", code: "rate_limit_exceeded" },
    ],
    [
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      { type: "overloaded_error", message: "Overloaded" },
    ],
    [
      '{"type":"error","code":"rate_limit_exceeded","message":"m","param":null,"sequence_number":1}',
      { code: "rate_limit_exceeded", message: "m" },
    ],
    [
      '{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}',
      { type: "UNAVAILABLE", message: "m", status: 503 },
    ],
    [
      '[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}]',
      { type: "RESOURCE_EXHAUSTED", status: 429 },
    ],
    [
      '{"event_type":"error","error":{"code":"invalid_request","message":"m"}}',
      { code: "invalid_request", message: "m" },
    ],
    ['{"error":"not allowed"}', { message: "not allowed" }],
    ['{"message":"Unauthorized"}', { message: "Unauthorized" }],
    [
      '{"error":{"code":402,"message":"m","metadata":{"limit_source":"openrouter_in_flight_budget"}}}',
      { limitSource: "openrouter_in_flight_budget", status: 402 },
    ],
  ])("%s", (text, facts) => {
    expect(readErrorBody(text)).toMatchObject(facts);
  });

  test("of Gemini holds its reasons, quotas and delay, wherever among the details", () => {
    const help = { "@type": "type.googleapis.com/google.rpc.Help", links: [{ description: "d", url: "u" }] };
    const details = [
      help,
      quotaFailure("A"),
      retryInfo("34.07s"),
      "?",
      errorInfo("RATE_LIMIT_EXCEEDED"),
      null,
    ];
    const facts = readErrorBody(JSON.stringify(geminiError(429, "RESOURCE_EXHAUSTED", "m", details)));
    expect(facts).toMatchObject({ reasons: ["RATE_LIMIT_EXCEEDED"], quotaIds: ["A"] });
    expect(facts.retryDelayMs).toBeCloseTo(34_070, 3);
  });

  test.each([
    "",
    "<html></html>",
    "null",
    "[]",
    "42",
    '"text"',
    '{"error":null}',
    '{"error":',
    '{"error":{"code":200}}',
  ])("has no facts: %s", (text) => {
    expect(readErrorBody(text)).toEqual(NO_FACTS);
  });

  test("never throws", () => {
    assert(property(string(), (text) => void readErrorBody(text)));
    assert(property(json(), (text) => void readErrorBody(`{"error":${text}}`)));
  });
});
