import { LARGE_CHUNK_BYTES } from "./free-chunk.ts";

const HEAD_BYTES = 4 * 1024;
const TAIL_CHUNKS = 8;

/** What is copied of either end of a large chunk, so that the rest of it can be freed. */
const LARGE_END_BYTES = 16 * 1024;

/** Keeps the beginning and the last chunks of a stream, where usage stands, at the price of an assignment a chunk. */
export class BothEnds {
  readonly #head: Uint8Array[] = [];
  readonly #tail: Uint8Array[] = [];
  #headBytes = 0;
  #tailCount = 0;
  #hasCutChunk = false;

  add(chunk: Uint8Array): void {
    if (chunk.length < LARGE_CHUNK_BYTES) {
      this.#keep(chunk);
      return;
    }
    this.#hasCutChunk = true;
    if (this.#headBytes < HEAD_BYTES) this.#keep(new Uint8Array(chunk.subarray(0, LARGE_END_BYTES)));
    this.#keep(new Uint8Array(chunk.subarray(-LARGE_END_BYTES)));
  }

  /** Whether nothing was left out between the ends. */
  get isWhole(): boolean {
    return !this.#hasCutChunk && this.#tailCount <= TAIL_CHUNKS;
  }

  bytes(): Buffer {
    const oldest = this.#tailCount > TAIL_CHUNKS ? this.#tailCount % TAIL_CHUNKS : 0;
    const tail = [...this.#tail.slice(oldest), ...this.#tail.slice(0, oldest)];
    return Buffer.concat([...this.#head, ...tail]);
  }

  text(): string {
    return this.bytes().toString("utf8");
  }

  #keep(chunk: Uint8Array): void {
    if (this.#headBytes < HEAD_BYTES) {
      this.#head.push(chunk);
      this.#headBytes += chunk.length;
    } else {
      this.#tail[this.#tailCount % TAIL_CHUNKS] = chunk;
      this.#tailCount += 1;
    }
  }
}
