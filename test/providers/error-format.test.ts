import { describe, expect, test } from "bun:test";

import { formatError, type OwnError } from "../../src/providers/error-format.ts";

const LIMITED: OwnError = { status: 429, code: "rate_limit_exceeded", message: "No key can serve now." };
const NO_MODEL: OwnError = {
  status: 404,
  code: "model_not_found",
  message: "No key serves it.",
  param: "model",
};

describe("an error of our own", () => {
  test.each(["openai", "gemini-openai", "azure"] as const)("to a client of %s has OpenAI's form", (api) => {
    expect(JSON.parse(formatError(api, NO_MODEL))).toEqual({
      error: {
        message: "No key serves it.",
        type: "invalid_request_error",
        param: "model",
        code: "model_not_found",
      },
    });
    expect(JSON.parse(formatError(api, LIMITED)).error).toMatchObject({
      param: null,
      code: "rate_limit_exceeded",
    });
  });

  test("to a client of Anthropic has Anthropic's form", () => {
    expect(JSON.parse(formatError("anthropic", LIMITED))).toEqual({
      type: "error",
      error: { type: "rate_limit_error", message: "No key can serve now." },
    });
  });

  test("to a client of Gemini has Google's form", () => {
    expect(JSON.parse(formatError("gemini", LIMITED))).toMatchObject({
      error: {
        code: 429,
        message: "No key can serve now.",
        status: "RESOURCE_EXHAUSTED",
        details: [{ reason: "RATE_LIMIT_EXCEEDED" }],
      },
    });
  });

  test.each([
    [400, "invalid_request_error", "INVALID_ARGUMENT"],
    [401, "authentication_error", "UNAUTHENTICATED"],
    [403, "permission_error", "PERMISSION_DENIED"],
    [404, "not_found_error", "NOT_FOUND"],
    [413, "request_too_large", "INVALID_ARGUMENT"],
    [429, "rate_limit_error", "RESOURCE_EXHAUSTED"],
    [500, "api_error", "INTERNAL"],
    [503, "api_error", "UNAVAILABLE"],
    [504, "timeout_error", "DEADLINE_EXCEEDED"],
  ] as const)("%d is %s to Anthropic's SDK and %s to Google's", (status, anthropicType, geminiStatus) => {
    const error: OwnError = { status, code: "some_code", message: "m" };
    expect(JSON.parse(formatError("anthropic", error)).error.type).toBe(anthropicType);
    expect(JSON.parse(formatError("gemini", error)).error.status).toBe(geminiStatus);
  });

  test("quotes what it repeats of a request", () => {
    const message = 'the model "a\\"b\n" \u2028';
    expect(JSON.parse(formatError("openai", { ...NO_MODEL, message })).error.message).toBe(message);
  });
});
