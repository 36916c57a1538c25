import type { BodyReader } from "../../src/proxy/relay.ts";

/** A body that arrives in these chunks, and then ends; or breaks off, where an error is given. */
export function bodyOf(chunks: readonly (string | Uint8Array)[], error?: Error): BodyReader {
  const left = chunks.map((chunk) => Buffer.from(chunk as string));
  return {
    read: async () => {
      const value = left.shift();
      if (value !== undefined) return { done: false, value };
      if (error !== undefined) throw error;
      return { done: true };
    },
    cancel: async () => {},
  };
}

/** Text cut into chunks at the given offsets, in bytes, wherever they fall. */
export function cut(text: string, offsets: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const cuts = [...new Set(offsets.map((offset) => offset % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...cuts]
    .map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length))
    .filter(({ length }) => length > 0);
}
