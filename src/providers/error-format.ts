import type { Api } from "./api.ts";

/** An error of our own, before it has a form. */
export interface OwnError {
  readonly status: 400 | 401 | 403 | 404 | 408 | 413 | 429 | 500 | 501 | 502 | 503 | 504;
  /** Stable, for programs, e.g. `model_not_found`. */
  readonly code: string;
  /** For the person who reads it: what happened and what to do. */
  readonly message: string;
  /** The field of the request that is at fault. */
  readonly param?: string | undefined;
}

/**
 * The body of an error of our own, in the form that the client's SDK expects of its provider, so that
 * the SDK raises the exception that its user already handles.
 */
export function formatError(api: Api, error: OwnError): string {
  const { status, code, message } = error;
  switch (api) {
    case "anthropic":
      return JSON.stringify({ type: "error", error: { type: ANTHROPIC_TYPES[status], message } });
    case "gemini":
      return JSON.stringify({
        error: {
          code: status,
          message,
          status: GEMINI_STATUSES[status],
          details: [
            {
              "@type": "type.googleapis.com/google.rpc.ErrorInfo",
              reason: code.toUpperCase(),
              domain: "keycycle",
            },
          ],
        },
      });
    case "openai":
    case "gemini-openai":
    case "azure":
      return JSON.stringify({
        error: { message, type: OPENAI_TYPES[status], param: error.param ?? null, code },
      });
  }
}

type Status = OwnError["status"];

/** https://platform.openai.com/docs/guides/error-codes */
const OPENAI_TYPES: Readonly<Record<Status, string>> = {
  400: "invalid_request_error",
  401: "invalid_request_error",
  403: "invalid_request_error",
  404: "invalid_request_error",
  408: "invalid_request_error",
  413: "invalid_request_error",
  429: "rate_limit_error",
  500: "server_error",
  501: "server_error",
  502: "server_error",
  503: "server_error",
  504: "server_error",
};

/** https://docs.anthropic.com/en/api/errors#http-errors */
const ANTHROPIC_TYPES: Readonly<Record<Status, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  408: "invalid_request_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  501: "api_error",
  502: "api_error",
  503: "api_error",
  504: "timeout_error",
};

/** https://cloud.google.com/apis/design/errors#handling_errors */
const GEMINI_STATUSES: Readonly<Record<Status, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  408: "DEADLINE_EXCEEDED",
  413: "INVALID_ARGUMENT",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  501: "UNIMPLEMENTED",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};
