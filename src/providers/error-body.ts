import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/** What an error body says, whichever provider's form it has. Absent texts are empty. */
export interface ErrorFacts {
  readonly type: string;
  readonly code: string;
  readonly message: string;
  /** `google.rpc.ErrorInfo.reason`, e.g. `API_KEY_INVALID`. */
  readonly reasons: readonly string[];
  /** `google.rpc.QuotaFailure.violations[].quotaId`. */
  readonly quotaIds: readonly string[];
  /** `google.rpc.RetryInfo.retryDelay`, milliseconds. */
  readonly retryDelayMs: number | undefined;
  /** OpenRouter's `error.metadata.limit_source`. */
  readonly limitSource: string;
  /** OpenRouter's `error.metadata.headers`: those of a limit of its own, which the answer itself may not carry. */
  readonly headers: Headers | undefined;
  /** A status that the body itself names, as Gemini and OpenRouter do in errors inside a 200. */
  readonly status: number | undefined;
}

export const NO_FACTS: ErrorFacts = {
  type: "",
  code: "",
  message: "",
  reasons: [],
  quotaIds: [],
  retryDelayMs: undefined,
  limitSource: "",
  headers: undefined,
  status: undefined,
};

const ErrorObject = Type.Object({
  type: Type.Optional(Type.Unknown()),
  code: Type.Optional(Type.Unknown()),
  status: Type.Optional(Type.Unknown()),
  message: Type.Optional(Type.Unknown()),
  metadata: Type.Optional(Type.Unknown()),
  details: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.Unknown()),
  response: Type.Optional(Type.Unknown()),
});

const Detail = Type.Object({
  reason: Type.Optional(Type.String()),
  retryDelay: Type.Optional(Type.String()),
  violations: Type.Optional(Type.Array(Type.Object({ quotaId: Type.Optional(Type.String()) }))),
});

const Metadata = Type.Object({
  limit_source: Type.Optional(Type.String()),
  headers: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

/**
 * Reads an error body: `{"error":{...}}` of OpenAI, Anthropic and Google, Google's stream form
 * `[{"error":{...}}]`, OpenAI's event `{"response":{"error":{...}}}`, `{"error":"text"}` and `{"message":...}` of smaller servers. Anything else
 * (HTML, an empty body) has no facts.
 */
export function readErrorBody(text: string): ErrorFacts {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return NO_FACTS;
  }
  const outer = Array.isArray(body) ? body[0] : body;
  if (!Value.Check(ErrorObject, outer)) return NO_FACTS;
  if (typeof outer.error === "string") return { ...NO_FACTS, message: outer.error };
  const failed = Value.Check(ErrorObject, outer.response) ? outer.response : outer;
  const inner = Value.Check(ErrorObject, failed.error) ? failed.error : failed;
  const details = (Array.isArray(inner.details) ? inner.details : []).filter((detail) =>
    Value.Check(Detail, detail),
  );
  const metadata = Value.Check(Metadata, inner.metadata) ? inner.metadata : undefined;
  return {
    // Gemini's `status` ("RESOURCE_EXHAUSTED") is what others call the type.
    type: textOf(inner.type) || textOf(inner.status),
    code: textOf(inner.code),
    message: textOf(inner.message),
    reasons: details.flatMap((detail) => detail.reason ?? []),
    quotaIds: details.flatMap(
      (detail) => detail.violations?.flatMap((violation) => violation.quotaId ?? []) ?? [],
    ),
    retryDelayMs: details.map((detail) => secondsToMs(detail.retryDelay)).find((ms) => ms !== undefined),
    limitSource: metadata?.limit_source ?? "",
    headers: headersIn(metadata?.headers),
    status: typeof inner.code === "number" && inner.code >= 400 && inner.code < 600 ? inner.code : undefined,
  };
}

function headersIn(record: Readonly<Record<string, unknown>> | undefined): Headers | undefined {
  if (record === undefined) return undefined;
  const headers = new Headers();
  for (const [name, value] of Object.entries(record)) {
    // They are an upstream's text: what no header can hold tells nothing.
    if (/^[\w-]+$/.test(name) && /^[\x20-\x7e]*$/.test(String(value))) headers.set(name, String(value));
  }
  return headers;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A protobuf duration in JSON, `"34.07s"` (https://protobuf.dev/programming-guides/json/). */
function secondsToMs(text: string | undefined): number | undefined {
  const seconds = text?.endsWith("s") ? Number(text.slice(0, -1)) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
