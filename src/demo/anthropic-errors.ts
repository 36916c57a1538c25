import type { Call } from "./call.ts";
import type { Refusal, RetryHint, WordedRefusal } from "./dialect.ts";
import type { LimitName } from "./limits.ts";
import { errorPage, sse } from "./reply.ts";
import { retryHeaders } from "./retry-hint.ts";

const USUAL_HINTS: readonly RetryHint[] = ["header"];

/** https://docs.anthropic.com/en/api/errors; wordings as clients report them. */
export function refuseAsAnthropic(call: Call, refusal: Refusal, requestId: string): WordedRefusal {
  const error = (status: number, type: string, message: string): WordedRefusal => ({
    status,
    headers: {},
    body: { type: "error", error: { type, message }, request_id: requestId },
  });
  switch (refusal.kind) {
    case "limited":
      return {
        ...error(429, "rate_limit_error", limitMessage(refusal.on, refusal.limit)),
        headers: retryHeaders(refusal.retryAfterMs, refusal.hint, USUAL_HINTS, call.arrival.at),
      };
    case "spent":
      return error(
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
      );
    case "dead":
      return error(401, "authentication_error", "invalid x-api-key");
    case "no-credential":
      return error(401, "authentication_error", "x-api-key header is required");
    case "overloaded":
      return error(529, "overloaded_error", "Overloaded");
    case "unserved-model":
      return error(404, "not_found_error", `model: ${call.model ?? ""}`);
    case "server-error":
      return error(refusal.status, "api_error", "Internal server error");
    case "bad-request":
      return error(
        400,
        "invalid_request_error",
        refusal.message ?? "messages.0.content: Input should be a valid list",
      );
    case "missing":
      return error(404, "not_found_error", refusal.message);
    case "too-large":
      // From the edge in front of the API, which speaks HTML.
      return { status: 413, headers: {}, body: errorPage(413) };
    case "unknown-path":
      return error(404, "not_found_error", "Not Found");
  }
}

export function streamErrorAsAnthropic(call: Call, refusal: Refusal, requestId: string): string {
  return sse(refuseAsAnthropic(call, refusal, requestId).body, "error");
}

function limitMessage(on: LimitName, limit: number): string {
  if (on === "concurrency") {
    return "Number of concurrent connections has exceeded your rate limit. Please try again later or contact sales at https://www.anthropic.com/contact-sales to discuss your options for a rate limit increase.";
  }
  const what =
    on === "tokens"
      ? `${limit.toLocaleString("en-US")} input tokens per minute`
      : `${limit.toLocaleString("en-US")} requests per ${on === "day" ? "day" : "minute"}`;
  return `This request would exceed your organization's rate limit of ${what} (org: 00000000-0000-4000-8000-000000000000). For details, refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. Please reduce the prompt length or the maximum tokens requested, or try again later.`;
}
