import type { TokenUsage } from "../providers/outcome.ts";
import { decodeContent } from "./decode-content.ts";
import { type Exchange, endExchange, type ExchangeEnd, hasLeft, whyGone } from "./exchange.ts";
import { BothEnds } from "./both-ends.ts";
import { dropHopByHop } from "./hop-by-hop.ts";
import type { Answer } from "./judge.ts";
import { learnAndTell } from "./learn-and-tell.ts";
import { maskAnswer } from "./mask-answer.ts";
import { maskInHeaders } from "./mask-secret.ts";
import { setOwnHeaders } from "./own-answer.ts";
import { noteAnswer, noteStreamed } from "./owners/note-answer.ts";
import { type BodyReader, relayBody, type RelayEnd } from "./relay.ts";
import type { UpstreamKey } from "./runtime.ts";
import { readUsage } from "./usage.ts";
import { Deadline, unwatch, watch } from "./watchdog.ts";

/** Decoded copies for reading usage are no larger than what is taken whole, with room for what compression saves. */
const MAX_DECODED_BYTES = 4 * 1024 * 1024;

/** Makes an upstream's answer the client's: same status, same bytes, headers but for hop-by-hop ones and our own. */
export function answerUpstream(exchange: Exchange, key: UpstreamKey, received: Answer): Response {
  const { status, statusText } = received;
  const firstByteMs = Date.now();
  const answer = received.isError === true ? maskAnswer(received, key.config.secret) : received;
  // Nobody else reads them any more, and Bun's can be written to: a copy would cost the common case.
  const { headers } = answer;
  if (exchange.owned !== undefined) noteAnswer(exchange, exchange.owned, key, answer);
  const mayBeCutOff = answer.body.kind === "stream" && endsWithConnection(headers);
  dropHopByHop(headers);
  if (key.mayRepeatKey || (status >= 300 && status < 400)) maskInHeaders(headers, key.config.secret);
  const upstreamId = headers.get("x-request-id");
  const upstreamRequestId = upstreamId ?? headers.get("request-id") ?? undefined;
  setOwnHeaders(exchange, headers, key.name, upstreamId);
  const end: ExchangeEnd = { status, key: key.name, firstByteMs, upstreamRequestId };

  switch (answer.body.kind) {
    case "none":
      endExchange(exchange, end);
      return new Response(null, { status, statusText, headers });
    case "whole": {
      const { bytes } = answer.body;
      if (status < 400) end.usage = usageOf(bytes, headers);
      endExchange(exchange, end);
      return new Response(headers.has("content-type") ? bytes : streamOf(bytes), {
        status,
        statusText,
        headers,
      });
    }
    case "socket":
      return answer.body.begin(headers, end);
    case "stream": {
      const { head, reader } = answer.body;
      const body = relayAndLog(exchange, key, end, head, reader, headers, mayBeCutOff);
      return new Response(body, { status, statusText, headers });
    }
  }
}

/** Bun invents a content type for bytes, but none for a stream; one that is closed at once keeps its length. */
function streamOf(bytes: Uint8Array): ReadableStream {
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (bytes.length > 0) controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });
}

/** Usage stands at the end of nearly all answers; their beginning is not worth decoding for it. */
const USAGE_TAIL_BYTES = 2 * 1024;

function usageOf(bytes: Buffer, headers: Headers): TokenUsage | undefined {
  const decoded = decodeContent(bytes, headers.get("content-encoding"), MAX_DECODED_BYTES);
  if (decoded === undefined) return undefined;
  const tail = readUsage(decoded.toString("utf8", Math.max(0, decoded.length - USAGE_TAIL_BYTES)));
  return tail ?? (decoded.length > USAGE_TAIL_BYTES ? readUsage(decoded.toString("utf8")) : undefined);
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Whether only the end of the connection says where an answer ends. `fetch` takes a reset for such an end
 * (measured on Bun 1.4.5), so that of event streams, which end with a line, the last byte has to tell.
 */
function endsWithConnection(headers: Headers): boolean {
  return (
    !headers.has("transfer-encoding") &&
    !headers.has("content-length") &&
    !headers.has("content-encoding") &&
    headers.get("content-type")?.startsWith("text/event-stream") === true
  );
}

function relayAndLog(
  exchange: Exchange,
  key: UpstreamKey,
  end: ExchangeEnd,
  head: readonly Uint8Array[],
  reader: BodyReader,
  headers: Headers,
  mayBeCutOff: boolean,
): ReadableStream {
  const encoded = headers.has("content-encoding");
  const { owned } = exchange;
  const { idleMs } = exchange.runtime.config.rotation.timeouts;
  const ends = new BothEnds();
  let lastByte = LINE_FEED;
  const idle = new IdleDeadline(exchange, Date.now() + idleMs);
  watch(idle);
  return relayBody(head, reader, {
    onChunk(chunk) {
      idle.deadlineMs = Date.now() + idleMs;
      ends.add(chunk);
      lastByte = chunk.at(-1) ?? lastByte;
    },
    isCutOff: () => mayBeCutOff && lastByte !== LINE_FEED && lastByte !== CARRIAGE_RETURN,
    onStall() {
      idle.deadlineMs = Number.POSITIVE_INFINITY;
    },
    onResume() {
      idle.deadlineMs = Date.now() + idleMs;
    },
    onEnd(how) {
      unwatch(idle);
      if (how !== "complete") exchange.abort?.abort();
      if (owned !== undefined && end.status < 300) noteStreamed(exchange, owned, key, headers, ends);
      if (!encoded) end.usage = readUsage(ends.text());
      end.error = errorOf(exchange, how, idle.hasExpired);
      if (how === "upstream-broke-off" && !hasLeft(exchange)) {
        learnAndTell(exchange, key, { kind: "upstream-failure", reason: end.error ?? how });
      }
      endExchange(exchange, end);
    },
  });
}

/** Breaks off a stream whose upstream has fallen silent. */
class IdleDeadline extends Deadline {
  hasExpired = false;
  readonly #exchange: Exchange;

  constructor(exchange: Exchange, deadlineMs: number) {
    super(deadlineMs);
    this.#exchange = exchange;
  }

  override expire(): void {
    this.hasExpired = true;
    this.#exchange.abort?.abort();
  }
}

function errorOf(exchange: Exchange, how: RelayEnd, idledOut: boolean): string | undefined {
  if (how === "complete") return undefined;
  if (idledOut) return "upstream fell silent";
  return exchange.clientGone || how === "client-went-away" ? whyGone(exchange) : "upstream broke off";
}
