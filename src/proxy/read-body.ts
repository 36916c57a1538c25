import { type BodyFault, ClientBody } from "./client-body.ts";
import { LEAST_BYTES_PER_MS } from "./client-pace.ts";
import { carriesFile } from "./find-model.ts";
import { FormScan } from "./form-scan.ts";
import { beginsLikeObject } from "./json-scan.ts";
import { multipartBoundary } from "./multipart.ts";
import type { BodyReader } from "./relay.ts";
import { type Hold, Upload } from "./upload.ts";
import { Deadline, unwatch, watch } from "./watchdog.ts";

export type ReadBody =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  /** The head is all of it (`upload.isWhole`), or as much as names its model, or nothing where that is not in it. */
  | { readonly kind: "upload"; readonly upload: Upload; readonly head: Buffer }
  /** It would have to be held, and is larger than one body may be, or than there is room for now. */
  | { readonly kind: "too-large" | "no-room" }
  | { readonly kind: BodyFault };

/** Up to this a body does not count as held: there are many of them, and what they hold is little. */
const SMALL_BYTES = 128 * 1024;

/** Up to this a body of known length is read natively, to its end, which costs two thirds of reading it in parts. */
const NATIVE_BYTES = 1024 * 1024;

const NOTHING = Buffer.alloc(0);
const EMPTY: ReadBody = { kind: "whole", bytes: NOTHING };

/**
 * Reads a request's body as far as it takes to know its model: an upload up to there, anything else to its end.
 *
 * @param timeoutMs  see `ClientPace`; for the whole of a body that is read natively
 */
export function readBody(
  request: Request,
  path: string,
  hold: Hold,
  timeoutMs: number,
): ReadBody | Promise<ReadBody> {
  // Asking for `request.body` makes a stream of it, which costs more than the whole of a small body.
  const { headers } = request;
  const announced = headers.get("content-length");
  if (announced === null && !headers.has("transfer-encoding")) return EMPTY;
  const length = announced === null ? undefined : Number(announced);
  if (length === 0) return EMPTY;
  if (length !== undefined && length <= Math.min(NATIVE_BYTES, hold.mostBytes)) {
    return length <= SMALL_BYTES
      ? readNatively(request, timeoutMs)
      : readMiddling(request, length, hold, Math.max(timeoutMs, length / LEAST_BYTES_PER_MS));
  }

  const contentType = headers.get("content-type") ?? "";
  const way = wayOf(path, contentType, headers.get("content-encoding"));
  if (way === "held" && length !== undefined && length > hold.mostBytes) return { kind: "too-large" };
  const reader = request.body?.getReader();
  if (reader === undefined) return EMPTY;
  return way === "form"
    ? readForm(reader, length, hold, timeoutMs, multipartBoundary(contentType) ?? "")
    : readLong(reader, length, hold, timeoutMs, way);
}

/** `as-it-comes`: the model is not in it. `unless-json`: nor here, if it is what it says. `held`: maybe at its end. */
type Way = "form" | "as-it-comes" | "unless-json" | "held";

function wayOf(path: string, contentType: string, contentEncoding: string | null): Way {
  if (carriesFile(path)) return "as-it-comes";
  if (contentEncoding !== null && contentEncoding !== "identity") return "held";
  if (multipartBoundary(contentType) !== undefined) return "form";
  return /^(?:multipart|audio|video|image)\/|^application\/octet-stream\b/i.test(contentType)
    ? "unless-json"
    : "held";
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

function readNatively(request: Request, timeoutMs: number): Promise<ReadBody> {
  return new Promise((resolve) => {
    const deadline = new BodyDeadline(timeoutMs, resolve);
    const end = (body: ReadBody) => {
      unwatch(deadline);
      resolve(body);
    };
    watch(deadline);
    request.arrayBuffer().then(
      (bytes) => end({ kind: "whole", bytes: Buffer.from(bytes) }),
      () => end({ kind: "broken" }),
    );
  });
}

async function readMiddling(
  request: Request,
  length: number,
  hold: Hold,
  timeoutMs: number,
): Promise<ReadBody> {
  const read = await readNatively(request, timeoutMs);
  return read.kind === "whole" ? await readLong(readerOf(read.bytes), length, hold, timeoutMs, "held") : read;
}

function readerOf(bytes: Uint8Array): BodyReader {
  let next: Uint8Array | undefined = bytes;
  return {
    async read() {
      const value = next;
      next = undefined;
      return value === undefined ? { done: true } : { done: false, value };
    },
    cancel: async () => {},
  };
}

async function readForm(
  reader: BodyReader,
  length: number | undefined,
  hold: Hold,
  timeoutMs: number,
  boundary: string,
): Promise<ReadBody> {
  const scan = new FormScan(boundary, "model");
  const body = new ClientBody(reader, length, scan, timeoutMs);
  const upload = new Upload(body, hold);
  await upload.readAhead(() => scan.field !== undefined && isWorthStreaming(body));
  if (scan.field !== undefined) return asRead(upload, true);
  if (body.readBytes <= hold.mostBytes) return asHeld(upload, hold);
  // Whether a form goes on without a model depends on the endpoint; what is no form does not go on.
  if (scan.hasBegun) return asRead(upload, false);
  upload.letGo();
  return { kind: "malformed" };
}

async function readLong(
  reader: BodyReader,
  length: number | undefined,
  hold: Hold,
  timeoutMs: number,
  way: "as-it-comes" | "unless-json" | "held",
): Promise<ReadBody> {
  const body = new ClientBody(reader, length, undefined, timeoutMs);
  const upload = new Upload(body, hold);
  if (way !== "held") {
    await upload.readAhead(() => isWorthStreaming(body));
    // Upstreams may take it for JSON too, whatever its type.
    if (way === "as-it-comes" || beginsLikeObject(upload.beginning) === false) return asRead(upload, false);
  }
  await upload.readAhead(() => false);
  return asHeld(upload, hold);
}

/** Of unknown length it may be a small one after all. */
function isWorthStreaming({ length, readBytes }: ClientBody): boolean {
  return readBytes > (length === undefined ? SMALL_BYTES : 0);
}

function asHeld(upload: Upload, hold: Hold): ReadBody {
  if (upload.isWhole || upload.body.fault !== undefined) return asRead(upload, false);
  upload.letGo();
  return { kind: upload.body.readBytes > hold.mostBytes ? "too-large" : "no-room" };
}

function asRead(upload: Upload, namesModel: boolean): ReadBody {
  const { fault, readBytes } = upload.body;
  if (fault === undefined && (!upload.isWhole || readBytes > SMALL_BYTES))
    return { kind: "upload", upload, head: upload.isWhole || namesModel ? upload.join() : NOTHING };
  upload.letGo();
  return fault === undefined ? { kind: "whole", bytes: upload.join() } : { kind: fault };
}

/** As it is sent; undefined for a body that is empty or not there. */
export function bodyToSend(body: ReadBody): Buffer | Upload | undefined {
  if (body.kind === "upload") return body.upload;
  return body.kind === "whole" && body.bytes.length > 0 ? body.bytes : undefined;
}
