import type { Call } from "./call.ts";
import type { Refusal, RetryHint, WordedRefusal } from "./dialect.ts";
import type { LimitName } from "./limits.ts";
import { retryHeaders, saysInBody } from "./retry-hint.ts";

type Limited = Extract<Refusal, { kind: "limited" }>;

const USUAL_HINTS: readonly RetryHint[] = ["body"];

/** https://ai.google.dev/gemini-api/docs/troubleshooting and google.rpc error details. */
export function refuseAsGemini(call: Call, refusal: Refusal): WordedRefusal {
  switch (refusal.kind) {
    case "limited":
      return {
        ...quotaError(call, refusal),
        headers: retryHeaders(refusal.retryAfterMs, refusal.hint, USUAL_HINTS, call.arrival.at),
      };
    case "spent":
      return quotaError(call, {
        kind: "limited",
        on: "day",
        limit: 250,
        used: 250,
        requested: 1,
        retryAfterMs: 34_074,
      });
    case "dead":
      return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "API_KEY_INVALID",
          domain: "googleapis.com",
          metadata: { service: "generativelanguage.googleapis.com" },
        },
        {
          "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
          locale: "en-US",
          message: "API key not valid. Please pass a valid API key.",
        },
      ]);
    case "no-credential":
      return error(
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
      );
    case "overloaded":
      return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.");
    case "unserved-model":
      return error(
        404,
        "NOT_FOUND",
        `models/${call.model ?? ""} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`,
      );
    case "server-error":
      return error(
        refusal.status,
        STATUS_NAMES[refusal.status] ?? "INTERNAL",
        "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
      );
    case "bad-request":
      return error(
        400,
        "INVALID_ARGUMENT",
        refusal.message ?? "Please ensure that multiturn requests alternate between user and model.",
      );
    case "missing":
      return error(
        refusal.status ?? 403,
        refusal.status === 404 ? "NOT_FOUND" : "PERMISSION_DENIED",
        refusal.message,
      );
    case "too-large":
      return error(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes.");
    case "unknown-path":
      return { status: 404, headers: {}, body: NOT_FOUND_PAGE };
  }
}

const STATUS_NAMES: Readonly<Record<number, string>> = { 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED" };

const NOT_FOUND_PAGE =
  "<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> <ins>That’s an error.</ins>\n<p>The requested URL was not found on this server. <ins>That’s all we know.</ins>\n</html>\n";

const QUOTAS: Readonly<Record<LimitName, { id: string; metric: string }>> = {
  requests: {
    id: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
    metric: "generate_content_free_tier_requests",
  },
  concurrency: {
    id: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
    metric: "generate_content_free_tier_requests",
  },
  tokens: {
    id: "GenerateContentInputTokensPerModelPerMinute-FreeTier",
    metric: "generate_content_free_tier_input_token_count",
  },
  day: {
    id: "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
    metric: "generate_content_free_tier_requests",
  },
};

function quotaError(call: Call, { on, limit, retryAfterMs, hint }: Limited): WordedRefusal {
  const { id, metric } = QUOTAS[on];
  const quotaMetric = `generativelanguage.googleapis.com/${metric}`;
  const said = saysInBody(retryAfterMs, hint, USUAL_HINTS);
  const seconds = retryAfterMs / 1_000;
  const again = said ? `\nPlease retry in ${seconds}s.` : "";
  return error(
    429,
    "RESOURCE_EXHAUSTED",
    `You exceeded your current quota, please check your plan and billing details. For more information on this error, head over to: https://ai.google.dev/gemini-api/docs/rate-limits.\n* Quota exceeded for metric: ${quotaMetric}, limit: ${limit}${again}`,
    [
      {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        violations: [
          {
            quotaMetric,
            quotaId: id,
            quotaDimensions: { location: "global", model: call.model ?? "" },
            quotaValue: String(limit),
          },
        ],
      },
      {
        "@type": "type.googleapis.com/google.rpc.Help",
        links: [
          {
            description: "Learn more about Gemini API quotas",
            url: "https://ai.google.dev/gemini-api/docs/rate-limits",
          },
        ],
      },
      ...(said ? [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${seconds}s` }] : []),
    ],
  );
}

function error(status: number, name: string, message: string, details?: readonly unknown[]): WordedRefusal {
  const inner = { code: status, message, status: name, ...(details === undefined ? {} : { details }) };
  return { status, headers: {}, body: { error: inner } };
}
