import type { RotationConfig } from "../config/config.ts";
import { NO_FACTS, readErrorBody } from "../providers/error-body.ts";
import type { Outcome } from "../providers/outcome.ts";
import { codeOf } from "../error.ts";
import { probeConnect, proveReachable } from "./connect-probe.ts";
import { decodeContent } from "./decode-content.ts";
import { errorIn } from "./error-inside.ts";
import type { BodyReader } from "./relay.ts";
import type { UpstreamKey } from "./runtime.ts";
import { readHead } from "./stream-head.ts";
import { statusOfStreamError } from "./stream-error.ts";
import { unwatch, watch } from "./watchdog.ts";

/** An upstream's answer, nothing of which has reached the client yet. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body:
    | { readonly kind: "none" }
    | { readonly kind: "whole"; readonly bytes: Buffer }
    | { readonly kind: "stream"; readonly head: readonly Uint8Array[]; readonly reader: BodyReader };
}

export interface AttemptResult {
  readonly outcome: Outcome;
  /** Undefined where the upstream gave none. */
  readonly answer: Answer | undefined;
}

/** What is sent, ready for `fetch`. */
export interface UpstreamRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined;
}

/** An answer of a known length up to this is taken whole, so that one which breaks off can be had elsewhere. */
const WHOLE_ANSWER_BYTES = 256 * 1024;

/** Error bodies are short; what is longer is relayed but not understood. */
const ERROR_BODY_BYTES = 256 * 1024;

/**
 * One attempt on one key: sends the request and reads as much of the answer as it takes to tell what
 * became of it. Never throws for anything that an upstream does.
 *
 * @param abort  ends the attempt, at any time up to the end of a stream
 */
export async function attempt(
  key: UpstreamKey,
  request: UpstreamRequest,
  timeouts: RotationConfig["timeouts"],
  abort: AbortController,
): Promise<AttemptResult> {
  const now = Date.now();
  let timedOut: string | undefined;
  const giveUp = (reason: string) => {
    timedOut = reason;
    abort.abort();
  };
  const firstByte = watch(now + timeouts.firstByteMs, () =>
    giveUp(`no first byte within ${timeouts.firstByteMs / 1000} s`),
  );
  const endProbe = probeConnect(key.dialed, timeouts.connectMs, now, () =>
    giveUp(`no connection within ${timeouts.connectMs / 1000} s`),
  );
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      decompress: false,
      redirect: "manual",
      signal: abort.signal,
      proxy: key.config.proxy,
      // Bun's own idle timeout would end a stream that ours allows.
      timeout: false,
    });
    proveReachable(key.dialed, now);
    endProbe();
    return await judge(key, request.method, response);
  } catch (error) {
    if (timedOut !== undefined) return failed(timedOut);
    if (abort.signal.aborted) return { outcome: { kind: "abandoned" }, answer: undefined };
    return failed(codeOf(error));
  } finally {
    endProbe();
    unwatch(firstByte);
  }
}

async function judge(key: UpstreamKey, method: string, response: Response): Promise<AttemptResult> {
  const { status, statusText, headers } = response;
  const base = { status, statusText, headers };
  const length = Number(headers.get("content-length") ?? Number.NaN);
  if (method === "HEAD" || length === 0 || status === 204 || status === 304) {
    const answer: Answer = { ...base, body: { kind: "none" } };
    return { outcome: status < 400 ? { kind: "served" } : classify(key, status, headers, undefined), answer };
  }
  if (length <= WHOLE_ANSWER_BYTES) {
    const bytes = Buffer.from(await response.arrayBuffer());
    const error = status >= 400 ? bytes : method === "POST" ? errorInside(bytes) : undefined;
    const outcome: Outcome = error === undefined ? { kind: "served" } : classify(key, status, headers, error);
    return { outcome, answer: { ...base, body: { kind: "whole", bytes } } };
  }
  const reader: BodyReader | undefined = response.body?.getReader();
  if (reader === undefined) {
    return {
      outcome: status < 400 ? { kind: "served" } : classify(key, status, headers, undefined),
      answer: { ...base, body: { kind: "none" } },
    };
  }
  if (status >= 400) return await judgeErrorStream(key, base, reader);

  const head = await readHead(reader, isEventStream(headers), Date.now);
  const answer: Answer = { ...base, body: { kind: "stream", head: head.chunks, reader } };
  if (head.error === undefined) return { outcome: { kind: "served" }, answer };
  return { outcome: classify(key, status, headers, Buffer.from(head.error)), answer };
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
        outcome: classify(key, base.status, base.headers, bytes),
        answer: { ...base, body: { kind: "whole", bytes } },
      };
    }
    head.push(value);
    size += value.length;
  }
  return {
    outcome: classify(key, base.status, base.headers, undefined),
    answer: { ...base, body: { kind: "stream", head, reader } },
  };
}

function classify(key: UpstreamKey, status: number, headers: Headers, body: Buffer | undefined): Outcome {
  const text =
    body === undefined ? undefined : decodeContent(body, headers.get("content-encoding"), ERROR_BODY_BYTES);
  const facts = text === undefined ? NO_FACTS : readErrorBody(text.toString("utf8"));
  return key.provider.classify({
    status: status < 400 ? statusOfStreamError(facts) : status,
    headers,
    facts,
    now: Date.now(),
  });
}

const ERROR_FIELD = Buffer.from('"error"');

/** The body, where it is an error in spite of its status. */
function errorInside(bytes: Buffer): Buffer | undefined {
  return bytes.includes(ERROR_FIELD) && errorIn(bytes.toString("utf8")) !== undefined ? bytes : undefined;
}

function isEventStream(headers: Headers): boolean {
  return headers.get("content-type")?.startsWith("text/event-stream") === true;
}

function failed(reason: string): AttemptResult {
  return { outcome: { kind: "upstream-failure", reason }, answer: undefined };
}
