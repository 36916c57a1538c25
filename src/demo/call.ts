import { countIn, parseJson } from "./json.ts";
import { tokensIn } from "./text.ts";

/** Whose API a request speaks. Gemini's OpenAI-compatible door counts as `gemini`. */
export type ApiName = "openai" | "anthropic" | "gemini" | "azure";

/** A request as it came off the wire. */
export interface Arrival {
  /** `SOCKET` for a WebSocket's handshake. */
  readonly method: string;
  /** Request target as received, query included. */
  readonly path: string;
  /** The part of `path` before the query. */
  readonly pathname: string;
  readonly query: URLSearchParams;
  /** Names in lower case; repeated ones joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A multipart body. */
export type Form = Awaited<ReturnType<Response["formData"]>>;

/** What a request asks for, once its API has read it. */
export interface Call {
  readonly arrival: Arrival;
  /** Method and the path within the API, e.g. `POST chat/completions`, `SOCKET realtime`. */
  readonly operation: string;
  readonly model: string | undefined;
  readonly stream: boolean;
  /** The parsed JSON body; undefined where there is none. */
  readonly json: unknown;
  readonly form?: Form;
  readonly promptTokens: number;
  /** Output reserved at arrival: what the request allows at most. */
  readonly maxOutputTokens: number;
  /** What is wrong with the request, in the provider's words: it is answered with a 400. */
  readonly invalid?: string;
}

/** Output that is counted against a key where the request names no maximum. */
const DEFAULT_OUTPUT_TOKENS = 64;

export function parseArrival(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  at: number,
): Arrival {
  const mark = path.indexOf("?");
  return {
    method,
    path,
    pathname: mark < 0 ? path : path.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? "" : path.slice(mark + 1)),
    headers,
    body,
    at,
  };
}

/** The common part of reading a call: its JSON body, if it has one, and what that costs. */
export function readBody(arrival: Arrival): { json: unknown; promptTokens: number; isJson: boolean } {
  const type = arrival.headers["content-type"] ?? "";
  const isJson =
    arrival.body.length > 0 && !/^(?:multipart|audio|image|video)\/|^application\/sdp\b/i.test(type);
  return {
    json: isJson ? parseJson(arrival.body) : undefined,
    promptTokens: isJson ? tokensIn(arrival.body.length) : 0,
    isJson,
  };
}

/** The body's form; undefined where it is none, or broken. */
export async function readForm(arrival: Arrival): Promise<Form | undefined> {
  const type = arrival.headers["content-type"];
  if (type === undefined || !type.startsWith("multipart/form-data")) return undefined;
  try {
    return await new Response(Buffer.from(arrival.body), { headers: { "content-type": type } }).formData();
  } catch {
    return undefined;
  }
}

/** The first of these fields that is a number, else what is assumed. */
export function maxOutputOf(json: unknown, ...fields: readonly string[]): number {
  for (const field of fields) {
    const count = countIn(json, field);
    if (count !== undefined) return count;
  }
  return DEFAULT_OUTPUT_TOKENS;
}

/** The secret of an `Authorization: Bearer` header, or of a WebSocket's subprotocols. */
export function bearerOf({ headers }: Arrival): string | undefined {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers["authorization"] ?? "")?.[1];
  return bearer ?? /\bopenai-insecure-api-key\.([^\s,]+)/.exec(headers["sec-websocket-protocol"] ?? "")?.[1];
}

/** A path segment without its percent-encoding; as it is where that is broken. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
