import { bearerOf, type Call } from "./call.ts";
import type { Refusal, RetryHint, WordedRefusal } from "./dialect.ts";
import type { LimitName } from "./limits.ts";
import { errorPage, sse } from "./reply.ts";
import { goDuration, retryHeaders, saysInBody } from "./retry-hint.ts";

type Limited = Extract<Refusal, { kind: "limited" }>;

const USUAL_HINTS: readonly RetryHint[] = ["header", "header-ms", "body"];

/** https://platform.openai.com/docs/guides/error-codes; wordings as clients report them. */
export function refuseAsOpenAi(call: Call, refusal: Refusal): WordedRefusal {
  switch (refusal.kind) {
    case "limited":
      return error(429, limitMessage(call, refusal), refusal.on === "tokens" ? "tokens" : "requests", {
        code: "rate_limit_exceeded",
        headers: retryHeaders(refusal.retryAfterMs, refusal.hint, USUAL_HINTS, call.arrival.at),
      });
    case "spent":
      return error(
        429,
        "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
        "insufficient_quota",
        { code: "insufficient_quota" },
      );
    case "dead":
      return error(
        401,
        `Incorrect API key provided: ${masked(bearerOf(call.arrival) ?? "")}. You can find your API key at https://platform.openai.com/account/api-keys.`,
        "invalid_request_error",
        { code: "invalid_api_key" },
      );
    case "no-credential":
      return error(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. You can obtain an API key from https://platform.openai.com/account/api-keys.",
        "invalid_request_error",
      );
    case "overloaded":
      return error(503, "The engine is currently overloaded, please try again later", "server_error");
    case "unserved-model":
      return error(
        404,
        `The model \`${call.model ?? ""}\` does not exist or you do not have access to it.`,
        "invalid_request_error",
        { code: "model_not_found" },
      );
    case "server-error":
      return error(
        refusal.status,
        `The server had an error while processing your request. Sorry about that! You can retry your request, or contact us through our help center at help.openai.com if the error persists.`,
        "server_error",
      );
    case "bad-request":
      return error(
        400,
        refusal.message ??
          "Invalid type for 'messages': expected an array of objects, but got a string instead.",
        "invalid_request_error",
        { param: refusal.message === undefined ? "messages" : null, code: "invalid_type" },
      );
    case "missing":
      return error(refusal.status ?? 404, refusal.message, "invalid_request_error", {
        param: refusal.code === undefined ? null : refusal.code.replace(/_not_found$/, "_id"),
        ...(refusal.code === undefined ? {} : { code: refusal.code }),
      });
    case "too-large":
      return { status: 413, headers: {}, body: errorPage(413) };
    case "unknown-path":
      return error(
        404,
        `Invalid URL (${call.arrival.method} ${call.arrival.pathname})`,
        "invalid_request_error",
      );
  }
}

/** In a stream: the Responses API has an `error` event, the others send the error as a chunk. */
export function streamErrorAsOpenAi(call: Call, refusal: Refusal): string {
  const { body } = refuseAsOpenAi(call, refusal);
  if (call.operation !== "POST responses") return sse(body);
  const { code, message } = errorOf(call, refusal);
  return sse({ type: "error", sequence_number: 0, code, message, param: null }, "error");
}

function errorOf(call: Call, refusal: Refusal): { code: string; message: string } {
  switch (refusal.kind) {
    case "limited":
      return { code: "rate_limit_exceeded", message: limitMessage(call, refusal) };
    case "spent":
      return { code: "insufficient_quota", message: "You exceeded your current quota." };
    case "overloaded":
      return { code: "server_is_overloaded", message: "Our servers are currently overloaded." };
    default:
      return { code: "server_error", message: "An error occurred while processing your request." };
  }
}

const LIMIT_WORDS: Readonly<Record<LimitName, string>> = {
  requests: "requests per min (RPM)",
  tokens: "tokens per min (TPM)",
  day: "requests per day (RPD)",
  concurrency: "concurrent requests",
};

function limitMessage(call: Call, { on, limit, used, requested, retryAfterMs, hint }: Limited): string {
  const where = `${call.model ?? "default"} in organization org-simulator on ${LIMIT_WORDS[on]}`;
  const visit = "Visit https://platform.openai.com/account/rate-limits to learn more.";
  if (retryAfterMs === Infinity) {
    return `Request too large for ${where}: Limit ${limit}, Requested ${requested}. The input or output tokens must be reduced in order to run successfully. ${visit}`;
  }
  const again = saysInBody(retryAfterMs, hint, USUAL_HINTS)
    ? ` Please try again in ${goDuration(retryAfterMs)}.`
    : "";
  return `Rate limit reached for ${where}: Limit ${limit}, Used ${used}, Requested ${requested}.${again} ${visit}`;
}

/** As OpenAI masks it: the kind of key and the last four characters. */
function masked(secret: string): string {
  const kind = /^sk-(?:[a-z]{2,8}-)?/.exec(secret)?.[0] ?? "";
  const shown = kind.length + 4;
  if (secret.length <= shown + 4) return "*".repeat(secret.length);
  return `${kind}${"*".repeat(secret.length - shown)}${secret.slice(-4)}`;
}

function error(
  status: number,
  message: string,
  type: string,
  more: { param?: string | null; code?: string; headers?: Record<string, string> } = {},
): WordedRefusal {
  return {
    status,
    headers: more.headers ?? {},
    body: { error: { message, type, param: more.param ?? null, code: more.code ?? null } },
  };
}
