import type { BodyReader } from "./relay.ts";

/** The beginning of an answer, read before anything of it is relayed. */
export interface StreamHead {
  readonly chunks: readonly Uint8Array[];
  /** The body ended within the head. */
  readonly ended: boolean;
  /** JSON of the error that the answer begins with; undefined where it begins with anything else. */
  readonly error: string | undefined;
}

/** Keep-alive comments may come for long before the first event; past these bounds the answer is relayed as it is. */
const MAX_HEAD_BYTES = 64 * 1024;
const MAX_HEAD_MS = 15_000;

/**
 * Reads an event stream up to its first event, and any other body up to its first chunk, so that an
 * answer that fails in its first words can still be had from another key.
 *
 * A provider that is at its limit may open a 200 stream and say so there: OpenAI and Gemini in a `data:`
 * line, Anthropic in an `event: error`; without server-sent events Gemini's stream is an array.
 *
 * @param now  epoch milliseconds, a clock
 */
export async function readHead(
  reader: BodyReader,
  isEventStream: boolean,
  now: () => number,
): Promise<StreamHead> {
  const chunks: Uint8Array[] = [];
  const since = now();
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { chunks, ended: true, error: errorIn(textOf(chunks), isEventStream) };
    chunks.push(value);
    size += value.length;
    const text = textOf(chunks);
    if (isEventStream && !hasEvent(text) && size < MAX_HEAD_BYTES && now() - since < MAX_HEAD_MS) continue;
    return { chunks, ended: false, error: errorIn(text, isEventStream) };
  }
}

function textOf(chunks: readonly Uint8Array[]): string {
  const only = chunks.length === 1 ? chunks[0] : undefined;
  return (
    only === undefined ? Buffer.concat(chunks) : Buffer.from(only.buffer, only.byteOffset, only.byteLength)
  ).toString("utf8");
}

/** Whether an event, data and the blank line after it, is there; comments are none (WHATWG HTML §9.2.6). */
function hasEvent(text: string): boolean {
  return /^data:[^\r\n]*(?:\r\n?|\n)(?:[^\r\n]+(?:\r\n?|\n))*(?:\r\n?|\n)/m.test(text);
}

function errorIn(text: string, isEventStream: boolean): string | undefined {
  if (!isEventStream) return errorObject(text.replace(/^\s*\[/, ""));
  const event = /^(?:event:[ ]?([^\r\n]*)(?:\r\n?|\n))?data:[ ]?([^\r\n]*)/m.exec(text);
  const data = event?.[2];
  if (data === undefined) return undefined;
  return event?.[1] === "error" ? data : errorObject(data);
}

/** JSON that is an error at its top level, not one that merely has an `error: null` among its fields. */
function errorObject(text: string): string | undefined {
  const isError =
    /^\s*\{\s*"error"\s*:\s*[{"]/.test(text) || /^\s*\{\s*"(?:type|event_type)"\s*:\s*"error"/.test(text);
  return isError ? text.replace(/\]\s*$/, "") : undefined;
}
