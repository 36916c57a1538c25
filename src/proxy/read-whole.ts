import { decodeContent } from "./decode-content.ts";
import type { Answer } from "./judge.ts";

/** An answer's body, decoded; undefined where it breaks off, is too large, or is in a coding that is not known. */
export async function readWhole({ body, headers }: Answer, limitBytes: number): Promise<Buffer | undefined> {
  if (body.kind === "none" || body.kind === "socket") return Buffer.alloc(0);
  const bytes = body.kind === "whole" ? body.bytes : await readStream(body, limitBytes);
  return bytes && decodeContent(bytes, headers.get("content-encoding"), limitBytes);
}

async function readStream(
  { head, reader }: Extract<Answer["body"], { kind: "stream" }>,
  limitBytes: number,
): Promise<Buffer | undefined> {
  const chunks = [...head];
  let size = chunks.reduce((sum, { length }) => sum + length, 0);
  try {
    while (size <= limitBytes) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(chunks);
      chunks.push(value);
      size += value.length;
    }
    await reader.cancel();
  } catch {
    // Broken off: half a body is none.
  }
  return undefined;
}
