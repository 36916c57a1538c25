import type { BodyReader } from "./relay.ts";
import { Deadline, unwatch, watch } from "./watchdog.ts";

export type ReadBody =
  /** Held whole, so that it can be sent more than once. */
  | { readonly kind: "whole"; readonly bytes: Buffer }
  /** Larger than what is held: the part read so far, and the rest as it comes. */
  | { readonly kind: "large"; readonly head: Buffer; readonly rest: BodyReader }
  | { readonly kind: "too-slow" }
  /** The client went away, or sent less than it announced. */
  | { readonly kind: "broken" };

const EMPTY: ReadBody = { kind: "whole", bytes: Buffer.alloc(0) };

/**
 * Reads a request's body up to a bound.
 *
 * @param limitBytes  what is held at most
 * @param timeoutMs   for the whole of what is held
 */
export function readBody(
  request: Request,
  limitBytes: number,
  timeoutMs: number,
): ReadBody | Promise<ReadBody> {
  // Asking for `request.body` makes a stream of it, which costs more than the whole of a small body.
  const announced = request.headers.get("content-length");
  if (announced === null && !request.headers.has("transfer-encoding")) return EMPTY;
  const length = Number(announced ?? Number.NaN);
  if (length === 0) return EMPTY;

  return length > limitBytes || Number.isNaN(length)
    ? inTime(readUpTo(request, limitBytes), asItIs, timeoutMs)
    : inTime(request.arrayBuffer(), whole, timeoutMs);
}

function asItIs(body: ReadBody): ReadBody {
  return body;
}

function whole(bytes: ArrayBuffer): ReadBody {
  return { kind: "whole", bytes: Buffer.from(bytes) };
}

/** Gives a body up that takes too long. */
class BodyDeadline extends Deadline {
  readonly #giveUp: (body: ReadBody) => void;

  constructor(timeoutMs: number, giveUp: (body: ReadBody) => void) {
    super(Date.now() + timeoutMs);
    this.#giveUp = giveUp;
  }

  override expire(): void {
    this.#giveUp({ kind: "too-slow" });
  }
}

function inTime<Read>(
  reading: Promise<Read>,
  asBody: (read: Read) => ReadBody,
  timeoutMs: number,
): Promise<ReadBody> {
  return new Promise((resolve) => {
    const deadline = new BodyDeadline(timeoutMs, resolve);
    const end = (body: ReadBody) => {
      unwatch(deadline);
      resolve(body);
    };
    watch(deadline);
    reading.then(
      (read) => end(asBody(read)),
      () => end({ kind: "broken" }),
    );
  });
}

async function readUpTo(request: Request, limitBytes: number): Promise<ReadBody> {
  const reader = request.body?.getReader();
  if (reader === undefined) return EMPTY;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { kind: "whole", bytes: Buffer.concat(chunks) };
    chunks.push(value);
    size += value.length;
    if (size > limitBytes) return { kind: "large", head: Buffer.concat(chunks), rest: reader };
  }
}

/** As it is sent; undefined for a body that is empty or not there. */
export function bodyToSend(body: ReadBody): Buffer | ReadableStream<Uint8Array> | undefined {
  if (body.kind === "large") return continueStream(body.head, body.rest);
  return body.kind === "whole" && body.bytes.length > 0 ? body.bytes : undefined;
}

/** A body from its beginning: what was read of it, then what is still to come, as fast as it is taken. */
export function continueStream(head: Uint8Array, reader: BodyReader): ReadableStream<Uint8Array> {
  let next: Uint8Array | undefined = head;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (next !== undefined) {
          controller.enqueue(next);
          next = undefined;
          return;
        }
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
