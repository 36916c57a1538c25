import { decodeBeginning } from "./decode-content.ts";
import { errorIn } from "./error-inside.ts";
import type { Patience } from "./patience.ts";
import type { BodyReader } from "./relay.ts";

/** The beginning of an answer, read before anything of it is relayed. */
export interface StreamHead {
  readonly chunks: readonly Uint8Array[];
  /** What comes behind them. */
  readonly rest: BodyReader;
  /** The body ended within the head. */
  readonly ended: boolean;
  /** JSON of the error that the answer begins with; undefined where it begins with anything else. */
  readonly error: string | undefined;
}

/**
 * Keep-alive comments may come for long before the first event. Past these bounds the answer is relayed as it
 * is: they are there so that nobody on the way takes the connection for dead, the client included.
 */
const MAX_HEAD_BYTES = 64 * 1024;
export const MAX_HEAD_MS = 5_000;

/**
 * Reads an event stream up to its first event, and any other body up to its first chunk, so that an
 * answer that fails in its first words can still be had from another key.
 *
 * A provider that is at its limit may open a 200 stream and say so there: OpenAI and Gemini in a `data:`
 * line, Anthropic in an `event: error`; without server-sent events Gemini's stream is an array.
 *
 * @param encoding       value of `content-encoding`
 * @param startPatience  called where the first chunk holds no event: for how long more are waited for
 */
export async function readHead(
  reader: BodyReader,
  isEventStream: boolean,
  encoding: string | null,
  startPatience: () => Patience,
): Promise<StreamHead> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let patience: Patience | undefined;
  try {
    for (;;) {
      const reading = reader.read();
      const read = patience === undefined ? await reading : await Promise.race([reading, patience.ranOut]);
      if (read === undefined)
        return { chunks, rest: resumed(reader, reading), ended: false, error: undefined };
      const { done, value } = read;
      if (value !== undefined) chunks.push(value);
      size += value?.length ?? 0;
      const text = decodeBeginning(Buffer.concat(chunks), encoding).toString("utf8");
      const isRaw = !isEventStream || /^\s*[[{]/.test(text);
      const beginning = isRaw ? jsonBeginning(text, done) : firstEvent(text, done);
      if (done || beginning !== undefined || size >= MAX_HEAD_BYTES)
        return { chunks, rest: reader, ended: done, error: beginning?.error };
      patience ??= startPatience();
    }
  } finally {
    patience?.end();
  }
}

/** A reader whose next chunk was asked for already. */
function resumed(reader: BodyReader, reading: ReturnType<BodyReader["read"]>): BodyReader {
  let next: typeof reading | undefined = reading;
  return {
    read() {
      const asked = next ?? reader.read();
      next = undefined;
      return asked;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/** As `readHead`, for an answer that is there as a whole. */
export function errorAtStart(text: string, isEventStream: boolean): string | undefined {
  const isRaw = !isEventStream || /^\s*[[{]/.test(text);
  if (!isRaw) return firstEvent(text, true)?.error;
  return /^\s*\[/.test(text) ? jsonBeginning(text, true)?.error : errorIn(text);
}

interface Beginning {
  readonly error: string | undefined;
}

/** The first event (WHATWG HTML §9.2.6) once it is whole; comments, Anthropic's pings and events without data are none. */
function firstEvent(text: string, ended: boolean): Beginning | undefined {
  let name = "";
  const data: string[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  // What stands behind the last line break may still grow.
  const whole = ended ? lines : lines.slice(0, -1);
  for (const line of ended ? [...whole, ""] : whole) {
    if (line === "") {
      const event = data.join("\n");
      if (event !== "" && name !== "ping") return { error: name === "error" ? event : errorIn(event) };
      data.length = 0;
      name = "";
    } else if (line.startsWith("event:")) {
      name = line.slice("event:".length).trim();
    } else if (line.startsWith("data:")) {
      data.push(line.slice("data:".length).replace(/^ /, ""));
    }
  }
  return undefined;
}

const ERROR_START = '{"error":';

/** The beginning of a body of JSON: whether it is an error, as soon as that can be told. */
function jsonBeginning(text: string, ended: boolean): Beginning | undefined {
  const inner = text.replace(/^\s*\[/, "").trim();
  const start = inner.slice(0, 64).replaceAll(/\s/g, "").slice(0, ERROR_START.length);
  if (start !== ERROR_START)
    return ended || !ERROR_START.startsWith(start) ? { error: undefined } : undefined;
  const error = errorIn(inner.replace(/[\],\s]+$/, ""));
  return error !== undefined || ended ? { error } : undefined;
}
