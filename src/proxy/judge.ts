import { NO_FACTS, readErrorBody } from "../providers/error-body.ts";
import type { Outcome } from "../providers/outcome.ts";
import { decodeContent } from "./decode-content.ts";
import { patienceFor } from "./patience.ts";
import type { BodyReader } from "./relay.ts";
import type { UpstreamKey } from "./runtime.ts";
import { statusOfStreamError } from "./stream-error.ts";
import { errorAtStart, MAX_HEAD_MS, readHead } from "./stream-head.ts";

/** An upstream's answer, nothing of which has reached the client yet. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** Whether it is an error, whatever its status says. */
  readonly isError?: boolean;
  readonly body:
    | { readonly kind: "none" }
    | { readonly kind: "whole"; readonly bytes: Buffer }
    | { readonly kind: "stream"; readonly head: readonly Uint8Array[]; readonly reader: BodyReader }
    /** No body: from here on it is a WebSocket, which begins, with all that follows, or is dropped. */
    | {
        readonly kind: "socket";
        begin(headers: Headers, start: AnswerStart): Response;
        drop(): void;
      };
}

/** What is known of an answer when its beginning is there. */
export interface AnswerStart {
  readonly status: number;
  /** Name of the key. */
  readonly key: string;
  /** Epoch milliseconds. */
  readonly firstByteMs: number;
  readonly upstreamRequestId?: string | undefined;
}

export interface AttemptResult {
  readonly outcome: Outcome;
  /** Undefined where the upstream gave none. */
  readonly answer: Answer | undefined;
}

/** An answer of a known length up to this is taken whole, so that one which breaks off can be had elsewhere. */
const WHOLE_ANSWER_BYTES = 256 * 1024;

/** Error bodies are short; what is longer is relayed but not understood. */
const ERROR_BODY_BYTES = 256 * 1024;

/**
 * Whether an answer ends with its headers (RFC 9112 §6.3), is of a known length and short enough to be
 * taken whole, or is read as it comes.
 */
export function shapeOf(method: string, { status, headers }: Response): "none" | "short" | "stream" {
  if (method === "HEAD" || status === 204 || status === 304) return "none";
  const length = headers.get("content-length");
  if (length === null) return "stream";
  if (length === "0") return "none";
  return Number(length) <= WHOLE_ANSWER_BYTES ? "short" : "stream";
}

/** What an answer means that is there as a whole. */
export function judgeWhole(
  key: UpstreamKey,
  method: string,
  { status, statusText, headers }: Pick<Answer, "status" | "statusText" | "headers">,
  bytes: Buffer | undefined,
): AttemptResult {
  const inside =
    status < 400 && method === "POST" && bytes !== undefined ? errorInside(bytes, headers) : undefined;
  return {
    outcome: outcomeOf(key, status, headers, bytes, inside),
    answer: {
      status,
      statusText,
      headers,
      isError: status >= 400 || inside !== undefined,
      body: bytes === undefined ? { kind: "none" } : { kind: "whole", bytes },
    },
  };
}

/** What an answer means of which only the beginning is there; reads as much of it as it takes to tell. */
export async function judgeStream(key: UpstreamKey, response: Response): Promise<AttemptResult> {
  const { status, statusText, headers } = response;
  const reader: BodyReader | undefined = response.body?.getReader();
  if (reader === undefined) return judgeWhole(key, "", response, undefined);
  if (status >= 400) return await judgeErrorStream(key, { status, statusText, headers }, reader);

  const encoding = headers.get("content-encoding");
  const head = await readHead(reader, isEventStream(headers), encoding, () => patienceFor(MAX_HEAD_MS));
  const body: Answer["body"] = { kind: "stream", head: head.chunks, reader: head.rest };
  const outcome: Outcome =
    head.error === undefined ? { kind: "served" } : classify(key, status, headers, head.error);
  return { outcome, answer: { status, statusText, headers, isError: head.error !== undefined, body } };
}

function outcomeOf(
  key: UpstreamKey,
  status: number,
  headers: Headers,
  bytes: Buffer | undefined,
  inside: string | undefined,
): Outcome {
  if (inside !== undefined) return classify(key, status, headers, inside);
  return status < 400 ? { kind: "served" } : classifyBody(key, status, headers, bytes);
}

/** Reads an error body of unknown length, as far as it is worth reading. */
async function judgeErrorStream(
  key: UpstreamKey,
  base: Pick<Answer, "status" | "statusText" | "headers">,
  reader: BodyReader,
): Promise<AttemptResult> {
  const head: Uint8Array[] = [];
  let size = 0;
  while (size <= ERROR_BODY_BYTES) {
    const { done, value } = await reader.read();
    if (done) {
      const bytes = Buffer.concat(head);
      return {
        outcome: classifyBody(key, base.status, base.headers, bytes),
        answer: { ...base, isError: true, body: { kind: "whole", bytes } },
      };
    }
    head.push(value);
    size += value.length;
  }
  return {
    outcome: classify(key, base.status, base.headers, undefined),
    answer: { ...base, isError: true, body: { kind: "stream", head, reader } },
  };
}

function classifyBody(key: UpstreamKey, status: number, headers: Headers, body: Buffer | undefined): Outcome {
  const decoded = body && decodeContent(body, headers.get("content-encoding"), ERROR_BODY_BYTES);
  return classify(key, status, headers, decoded?.toString("utf8"));
}

function classify(key: UpstreamKey, status: number, headers: Headers, text: string | undefined): Outcome {
  const facts = text === undefined ? NO_FACTS : readErrorBody(text);
  return key.provider.classify({
    status: status < 400 ? statusOfStreamError(facts) : status,
    headers,
    facts,
    now: Date.now(),
  });
}

const ERROR_FIELD = Buffer.from('"error"');

/** The error that an answer is in spite of its status; undefined where it is none. */
function errorInside(bytes: Buffer, headers: Headers): string | undefined {
  const text = decodeContent(bytes, headers.get("content-encoding"), ERROR_BODY_BYTES * 4);
  if (text === undefined || !text.includes(ERROR_FIELD)) return undefined;
  return errorAtStart(text.toString("utf8"), isEventStream(headers));
}

function isEventStream(headers: Headers): boolean {
  return headers.get("content-type")?.startsWith("text/event-stream") === true;
}
