import { describe, expect, test } from "bun:test";
import { assert, integer, property } from "fast-check";

import { untilMidnightPacificMs } from "../../src/providers/gemini.ts";
import type { Outcome } from "../../src/providers/outcome.ts";
import { type Answer, errorInfo, geminiError, outcomeOf, quotaFailure, retryInfo } from "./refusal.ts";

const HOUR = 3_600_000;

const QUOTA =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";
const OVERLOADED = "The model is overloaded. Please try again later.";

function quotaError(quotaId: string, retryDelay: string): Answer {
  return {
    status: 429,
    body: geminiError(429, "RESOURCE_EXHAUSTED", QUOTA, [quotaFailure(quotaId), retryInfo(retryDelay)]),
  };
}

describe("Gemini's", () => {
  test.each<[string, Answer, Partial<Outcome>]>([
    [
      "wrong key",
      {
        status: 400,
        body: geminiError(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
          errorInfo("API_KEY_INVALID"),
        ]),
      },
      { kind: "dead", reason: "API_KEY_INVALID", certain: true },
    ],
    [
      "expired key",
      {
        status: 400,
        body: geminiError(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.", [
          errorInfo("API_KEY_INVALID"),
        ]),
      },
      { kind: "dead", reason: "API_KEY_INVALID", certain: true },
    ],
    [
      "wrong key, in an array as its OpenAI form has it",
      {
        status: 400,
        body: [geminiError(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")],
      },
      { kind: "dead", reason: "API_KEY_INVALID", certain: true },
    ],
    [
      "suspended consumer",
      {
        status: 403,
        body: geminiError(
          403,
          "PERMISSION_DENIED",
          "Permission denied: Consumer 'api_key:AIza' has been suspended.",
          [errorInfo("CONSUMER_SUSPENDED")],
        ),
      },
      { kind: "dead", reason: "CONSUMER_SUSPENDED", certain: true },
    ],
    [
      "disabled service",
      {
        status: 403,
        body: geminiError(
          403,
          "PERMISSION_DENIED",
          "Generative Language API has not been used in project 123 before or it is disabled.",
          [errorInfo("SERVICE_DISABLED")],
        ),
      },
      { kind: "dead", reason: "SERVICE_DISABLED", certain: true },
    ],
    [
      "leaked key",
      {
        status: 403,
        body: geminiError(
          403,
          "PERMISSION_DENIED",
          "Your API key was reported as leaked. Please use another API key.",
        ),
      },
      { kind: "dead", certain: true },
    ],
    [
      "country without a free tier",
      {
        status: 400,
        body: geminiError(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
      },
      { kind: "dead", reason: "FAILED_PRECONDITION", certain: true },
    ],
    [
      "billing asked for",
      {
        status: 400,
        body: geminiError(
          400,
          "FAILED_PRECONDITION",
          "Gemini API free tier is not available in your country. Please enable billing on your project in Google AI Studio.",
        ),
      },
      { kind: "dead", reason: "FAILED_PRECONDITION", certain: true },
    ],
    [
      "limit of a minute",
      quotaError("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "34s"),
      { kind: "limited", scope: "model", retryAfterMs: 34_000 },
    ],
    [
      "limit of a minute's tokens",
      quotaError("GenerateContentInputTokensPerModelPerMinute-FreeTier", "9s"),
      { kind: "limited", retryAfterMs: 9_000, counts: "tokens" },
    ],
    [
      "quota of a day, whatever the delay beside it",
      quotaError("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "34s"),
      { kind: "spent" },
    ],
    [
      "limit without details",
      {
        status: 429,
        body: geminiError(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
      },
      { kind: "limited", retryAfterMs: undefined },
    ],
    [
      "bad argument",
      {
        status: 400,
        body: geminiError(
          400,
          "INVALID_ARGUMENT",
          "* GenerateContentRequest.contents: contents is not specified",
        ),
      },
      { kind: "client-error" },
    ],
    [
      "missing model",
      {
        status: 404,
        body: geminiError(
          404,
          "NOT_FOUND",
          "models/gemini-9 is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.",
        ),
      },
      { kind: "unserved-model" },
    ],
    [
      "missing file",
      { status: 404, body: geminiError(404, "NOT_FOUND", "File files/abc does not exist.") },
      { kind: "client-error" },
    ],
    [
      "internal error",
      { status: 500, body: geminiError(500, "INTERNAL", "An internal error has occurred.") },
      { kind: "upstream-failure" },
    ],
    [
      "overloaded model",
      { status: 503, body: geminiError(503, "UNAVAILABLE", OVERLOADED) },
      { kind: "upstream-failure" },
    ],
    [
      "timeout",
      { status: 504, body: geminiError(504, "DEADLINE_EXCEEDED", "The request timed out.") },
      { kind: "upstream-failure" },
    ],
    [
      "Interactions API: bad request",
      { status: 400, body: { error: { code: "invalid_request", message: "Unknown field" } } },
      { kind: "client-error" },
    ],
  ])("%s", (_, answer, outcome) => {
    expect(outcomeOf("gemini", answer)).toMatchObject(outcome);
  });

  test("file of another project leaves the key alive", () => {
    const message = "You do not have permission to access the File abc or it may not exist.";
    const outcome = outcomeOf("gemini", {
      status: 403,
      body: geminiError(403, "PERMISSION_DENIED", message),
    });
    expect(outcome.kind).not.toBe("dead");
  });

  test("broken minute among the violations of a day is a day", () => {
    const details = [
      quotaFailure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
      quotaFailure("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
      retryInfo("12.5s"),
    ];
    const outcome = outcomeOf("gemini", {
      status: 429,
      body: geminiError(429, "RESOURCE_EXHAUSTED", QUOTA, details),
    });
    expect(outcome.kind).toBe("spent");
  });

  test("fraction of a second in RetryInfo counts", () => {
    const outcome = outcomeOf(
      "gemini",
      quotaError("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "34.074824224s"),
    );
    expect(outcome).toMatchObject({ kind: "limited", retryAfterMs: expect.closeTo(34_074.824, 2) });
  });
});

describe("the quota of a day comes back at midnight Pacific time", () => {
  test.each([
    ["winter, evening", "2025-11-13T20:00:00-08:00", "2025-11-14T00:00:00-08:00"],
    ["summer, morning", "2025-07-04T09:30:15-07:00", "2025-07-05T00:00:00-07:00"],
    ["a second before", "2025-07-04T23:59:59-07:00", "2025-07-05T00:00:00-07:00"],
    ["at midnight itself: the next one", "2025-07-04T00:00:00-07:00", "2025-07-05T00:00:00-07:00"],
    ["the night before summer time", "2026-03-07T23:00:00-08:00", "2026-03-08T00:00:00-08:00"],
    ["the day of summer time, before the change", "2026-03-08T00:30:00-08:00", "2026-03-09T00:00:00-07:00"],
    ["the day of summer time, after the change", "2026-03-08T03:30:00-07:00", "2026-03-09T00:00:00-07:00"],
    ["the day of winter time, before the change", "2026-11-01T00:30:00-07:00", "2026-11-02T00:00:00-08:00"],
    [
      "the day of winter time, in the hour that comes twice",
      "2026-11-01T01:30:00-07:00",
      "2026-11-02T00:00:00-08:00",
    ],
    ["the day of winter time, after the change", "2026-11-01T12:00:00-08:00", "2026-11-02T00:00:00-08:00"],
  ])("%s", (_, from, midnight) => {
    const now = Date.parse(from);
    expect(new Date(now + untilMidnightPacificMs(now)).toISOString()).toBe(new Date(midnight).toISOString());
  });

  test("always within a day and an hour, and at a midnight", () => {
    const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "America/Los_Angeles", timeStyle: "medium" });
    assert(
      property(integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2035, 0, 1) }), (now) => {
        const waitMs = untilMidnightPacificMs(now);
        expect(waitMs).toBeGreaterThan(0);
        expect(waitMs).toBeLessThanOrEqual(25 * HOUR);
        expect(clock.format(now + waitMs)).toBe("00:00:00");
      }),
    );
  });
});
