import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";

type Decoder = (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["gzip", gunzipSync],
  ["x-gzip", gunzipSync],
  ["deflate", inflate],
  ["br", brotliDecompressSync],
  ["zstd", zstdDecompressSync],
]);

/** Some servers leave the zlib format out (RFC 9110 §8.4.1.2). */
function inflate(bytes: Uint8Array, options: { maxOutputLength: number }): Buffer {
  try {
    return inflateSync(bytes, options);
  } catch {
    return inflateRawSync(bytes, options);
  }
}

/**
 * A readable copy of a body with a content coding (RFC 9110 §8.4); what is relayed stays as it came.
 *
 * @param encoding    value of `content-encoding`; null or `identity` for none
 * @param limitBytes  of the decoded copy, against bodies that explode
 * @returns undefined for a coding that is not known, a broken body, or one over the limit
 */
export function decodeContent(
  bytes: Buffer,
  encoding: string | null,
  limitBytes: number,
): Buffer | undefined {
  const coding = (encoding ?? "").trim().toLowerCase();
  if (coding === "" || coding === "identity") return bytes;
  const decode = DECODERS.get(coding);
  if (decode === undefined) return undefined;
  try {
    return decode(bytes, { maxOutputLength: limitBytes });
  } catch {
    return undefined;
  }
}

const BEGINNING_DECODERS: ReadonlyMap<string, (bytes: Uint8Array) => Buffer> = new Map([
  ["gzip", (bytes: Uint8Array) => gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })],
  ["deflate", (bytes: Uint8Array) => inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })],
  [
    "br",
    (bytes: Uint8Array) => brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  ],
]);

/** As much of a body as its beginning holds, decoded; the bytes as they are where their coding is not known. */
export function decodeBeginning(bytes: Buffer, encoding: string | null): Buffer {
  const decode = encoding === null ? undefined : BEGINNING_DECODERS.get(encoding.trim().toLowerCase());
  if (decode === undefined) return bytes;
  try {
    return decode(bytes);
  } catch {
    return Buffer.alloc(0);
  }
}
