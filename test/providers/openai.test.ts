import { describe, expect, test } from "bun:test";

import type { Outcome } from "../../src/providers/outcome.ts";
import { type Answer, hintOf, openAiError, outcomeOf } from "./refusal.ts";

const dead = (reason: string): Outcome => ({ kind: "dead", reason, certain: true });
const spent = (reason: string): Outcome => ({ kind: "spent", reason, retryAfterMs: undefined });
const limited = (retryAfterMs?: number): Outcome => ({ kind: "limited", scope: "model", retryAfterMs });
const failure = (status: number): Outcome => ({ kind: "upstream-failure", reason: `HTTP ${status}` });
const clientError: Outcome = { kind: "client-error" };
const unserved: Outcome = { kind: "unserved-model" };

/** What stands in each of OpenAI's answers, whatever its status. */
const WINDOWS = {
  "x-ratelimit-limit-requests": "500",
  "x-ratelimit-limit-tokens": "200000",
  "x-ratelimit-remaining-requests": "499",
  "x-ratelimit-remaining-tokens": "199992",
  "x-ratelimit-reset-requests": "120ms",
  "x-ratelimit-reset-tokens": "2ms",
};

const INCORRECT_KEY =
  "Incorrect API key provided: sk-proj-********ab12. You can find your API key at https://platform.openai.com/account/api-keys.";
const QUOTA =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.";
const CONTEXT =
  "This model's maximum context length is 8192 tokens. However, your messages resulted in 10013 tokens. Please reduce the length of the messages.";

describe("OpenAI's", () => {
  test.each<[string, Answer, Outcome]>([
    [
      "wrong key",
      { status: 401, body: openAiError(INCORRECT_KEY, "invalid_request_error", "invalid_api_key") },
      dead("invalid_api_key"),
    ],
    [
      "deactivated account",
      {
        status: 401,
        body: openAiError(
          "The OpenAI account associated with this API key has been deactivated. Please check your email for more information.",
          "invalid_request_error",
          "account_deactivated",
        ),
      },
      dead("account_deactivated"),
    ],
    [
      "closed country",
      {
        status: 403,
        body: openAiError(
          "Country, region, or territory not supported",
          "request_forbidden",
          "unsupported_country_region_territory",
        ),
      },
      dead("unsupported_country_region_territory"),
    ],
    [
      "used up quota",
      { status: 429, body: openAiError(QUOTA, "insufficient_quota", "insufficient_quota") },
      spent("insufficient_quota"),
    ],
    [
      "inactive billing",
      {
        status: 429,
        body: openAiError(
          "Your account is not active, please check your billing details on our website.",
          "billing_not_active",
          "billing_not_active",
        ),
      },
      spent("billing_not_active"),
    ],
    [
      "hard limit of billing",
      {
        status: 400,
        body: openAiError(
          "Billing hard limit has been reached",
          "image_generation_user_error",
          "billing_hard_limit_reached",
        ),
      },
      spent("billing_hard_limit_reached"),
    ],
    [
      "request limit",
      {
        status: 429,
        body: openAiError(
          "Rate limit reached for gpt-4o in organization org-abc on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn more.",
          "requests",
          "rate_limit_exceeded",
        ),
      },
      limited(20_000),
    ],
    [
      "token limit",
      {
        status: 429,
        body: openAiError(
          "Rate limit reached for gpt-4o in organization org-abc on tokens per min (TPM): Limit 30000, Used 29990, Requested 20. Please try again in 20ms. Visit https://platform.openai.com/account/rate-limits to learn more.",
          "tokens",
          "rate_limit_exceeded",
        ),
      },
      { kind: "limited", scope: "model", retryAfterMs: 20, counts: "tokens" },
    ],
    [
      "daily limit",
      {
        status: 429,
        body: openAiError(
          "Rate limit reached for gpt-4o on requests per day (RPD): Limit 200. Please try again in 7m12s.",
          "requests",
          "rate_limit_exceeded",
        ),
      },
      limited(432_000),
    ],
    [
      "missing model",
      {
        status: 404,
        body: openAiError(
          "The model `gpt-9` does not exist or you do not have access to it.",
          "invalid_request_error",
          "model_not_found",
        ),
      },
      unserved,
    ],
    [
      "project without the model",
      {
        status: 403,
        body: openAiError(
          "Project `proj_abc` does not have access to model `o3-pro`",
          "invalid_request_error",
          "model_not_found",
        ),
      },
      unserved,
    ],
    [
      "project without the model, in words alone",
      {
        status: 403,
        body: openAiError(
          "Project `proj_abc` does not have access to model `o3-pro`",
          "invalid_request_error",
        ),
      },
      unserved,
    ],
    [
      "too long context",
      { status: 400, body: openAiError(CONTEXT, "invalid_request_error", "context_length_exceeded") },
      clientError,
    ],
    [
      "content policy",
      {
        status: 400,
        body: openAiError(
          "Your request was rejected as a result of our safety system.",
          "invalid_request_error",
          "content_policy_violation",
        ),
      },
      clientError,
    ],
    [
      "malformed request",
      {
        status: 400,
        body: openAiError(
          "Missing required parameter: 'messages'.",
          "invalid_request_error",
          "missing_required_parameter",
        ),
      },
      clientError,
    ],
    [
      "missing file",
      { status: 404, body: openAiError("No such File object: file-abc", "invalid_request_error") },
      clientError,
    ],
    [
      "conflict",
      { status: 409, body: openAiError("The resource was updated meanwhile.", "invalid_request_error") },
      clientError,
    ],
    [
      "too large upload",
      { status: 413, body: openAiError("Maximum content size limit (26214400) exceeded", "server_error") },
      clientError,
    ],
    [
      "unprocessable request",
      { status: 422, body: openAiError("Unprocessable", "invalid_request_error") },
      clientError,
    ],
    [
      "error",
      {
        status: 500,
        body: openAiError(
          "The server had an error while processing your request. Sorry about that!",
          "server_error",
        ),
      },
      failure(500),
    ],
    ["bad gateway", { status: 502, body: openAiError("Bad gateway.", "cf_bad_gateway") }, failure(502)],
    [
      "overload",
      {
        status: 503,
        body: openAiError("The engine is currently overloaded, please try again later", "server_error"),
      },
      failure(503),
    ],
    [
      "overload with its windows beside it",
      { status: 503, headers: WINDOWS, body: openAiError("Slow down", "server_error", "slow_down") },
      failure(503),
    ],
    [
      "overload with a time",
      { status: 503, headers: { "retry-after": "7" }, body: openAiError("Slow down", "server_error") },
      limited(7_000),
    ],
    ["timeout", { status: 504, body: "" }, failure(504)],
  ])("%s", (_, answer, outcome) => {
    expect(outcomeOf("openai", answer)).toEqual(outcome);
  });

  test("missing scope leaves the key alive", () => {
    const message =
      "You have insufficient permissions for this operation. Missing scopes: model.read. Check that you have the correct role in your organization.";
    expect(outcomeOf("openai", { status: 401, body: openAiError(message, "invalid_request_error") })).toEqual(
      unserved,
    );
  });

  test("unexplained 403 leaves the key alive", () => {
    const outcome = outcomeOf("openai", {
      status: 403,
      body: openAiError("You are not allowed to do this", "forbidden"),
    });
    expect(outcome.kind).toBe("upstream-failure");
  });
});

const limitedWith = (headers: Record<string, string>) => hintOf("openai", { status: 429, headers });

describe("OpenAI's reset headers", () => {
  test("tell when one more request fits, not when the bucket is full", () => {
    expect(
      limitedWith({
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m0s",
      }),
    ).toBe(1_000);
  });

  test("tell of the tokens where requests are left", () => {
    expect(
      limitedWith({
        ...WINDOWS,
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "6m0s",
      }),
    ).toBe(360_000);
  });

  test("come after retry-after", () => {
    expect(limitedWith({ "x-ratelimit-reset-tokens": "6m0s", "retry-after": "2" })).toBe(2_000);
  });

  test("are not there at times", () => {
    expect(limitedWith({})).toBeUndefined();
  });

  test("that are none are passed over", () => {
    expect(
      limitedWith({ "x-ratelimit-reset-tokens": "soon", "x-ratelimit-reset-requests": "-1" }),
    ).toBeUndefined();
  });
});

describe("a copy of OpenAI's", () => {
  test("Groq: the day's requests come back at the stated reset", () => {
    const headers = {
      "x-ratelimit-limit-requests": "14400",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "2m59.56s",
      "x-ratelimit-reset-tokens": "7.66s",
    };
    expect(hintOf("groq", { status: 429, headers })).toBeCloseTo(179_560);
  });

  test("Groq: the minute's tokens come back at theirs", () => {
    const headers = { "x-ratelimit-remaining-requests": "14370", "x-ratelimit-reset-tokens": "7.66s" };
    expect(hintOf("groq", { status: 429, headers })).toBeCloseTo(7_660);
  });

  test("Groq: retry-after counts before both", () => {
    const headers = {
      "retry-after": "2",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "9h",
    };
    expect(hintOf("groq", { status: 429, headers })).toBe(2_000);
  });

  test("Together: the reset, in seconds, is when to come back", () => {
    expect(hintOf("together", { status: 429, headers: { "x-ratelimit-reset": "3" } })).toBe(3_000);
  });

  test("DeepSeek: an empty balance is spent, however soon a window resets", () => {
    const body = openAiError("Insufficient Balance", "unknown_error", "invalid_request_error");
    expect(
      outcomeOf("deepseek", { status: 402, body, headers: { "x-ratelimit-reset-tokens": "6ms" } }),
    ).toEqual(spent("HTTP 402"));
  });

  test("xAI: a wrong key is refused with 400, and is dead all the same", () => {
    const body = {
      code: "Client specified an invalid argument",
      error: "Incorrect API key provided: xa***yz. You can obtain an API key from https://console.x.ai.",
    };
    expect(outcomeOf("xai", { status: 400, body })).toMatchObject({ kind: "dead", certain: true });
  });

  test("xAI: another 400 is the client's", () => {
    const body = {
      code: "Client specified an invalid argument",
      error: "The model expects a single `text` element per message.",
    };
    expect(outcomeOf("xai", { status: 400, body })).toEqual(clientError);
  });

  test("Ollama: a model that was not pulled is on another key, if anywhere", () => {
    const body = { error: { message: 'model "llama4" not found, try pulling it first', type: "api_error" } };
    expect(outcomeOf("compatible", { status: 404, body })).toEqual(unserved);
  });
});
