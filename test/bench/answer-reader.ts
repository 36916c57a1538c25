const HEAD_END = "\r\n\r\n";
const LINE_END = "\r\n";
const CR_LF_BYTES = 2;

/**
 * Reads one HTTP/1.1 answer whose body is known beforehand, of either framing, however it is cut into
 * segments. Anything other than a 200 with exactly that body throws, with what was seen instead.
 */
export class AnswerReader {
  readonly #body: Buffer;
  /** Bytes of the body that have arrived and were right. */
  #received = 0;
  #framing: "unknown" | "length" | "chunked" = "unknown";
  /** Bytes of the present chunk that are still to come, its line end included; 0 when a size line is next. */
  #chunkLeft = 0;
  /** The beginning of a head or of a size line whose end has not arrived. */
  #partial: Buffer | undefined;

  constructor(body: Buffer) {
    this.#body = body;
  }

  /** @returns whether the answer is whole now */
  feed(segment: Buffer): boolean {
    const bytes = this.#partial === undefined ? segment : Buffer.concat([this.#partial, segment]);
    this.#partial = undefined;
    switch (this.#framing) {
      case "unknown":
        return this.#feedHead(bytes);
      case "length":
        return this.#feedLength(bytes, 0);
      case "chunked":
        return this.#feedChunks(bytes, 0);
    }
  }

  #feedHead(bytes: Buffer): boolean {
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) {
      this.#partial = bytes;
      return false;
    }
    const head = bytes.toString("latin1", 0, end).toLowerCase();
    if (!head.startsWith("http/1.1 200 ")) throw new Error(`Unexpected answer: ${bytes.toString("latin1")}`);
    const from = end + HEAD_END.length;
    if (head.includes("\r\ntransfer-encoding: chunked")) {
      this.#framing = "chunked";
      return this.#feedChunks(bytes, from);
    }
    if (!head.includes(`\r\ncontent-length: ${this.#body.length}`))
      throw new Error(`Unexpected head: ${head}`);
    this.#framing = "length";
    return this.#feedLength(bytes, from);
  }

  #feedLength(bytes: Buffer, from: number): boolean {
    this.#take(bytes, from, bytes.length);
    return this.#received === this.#body.length;
  }

  #feedChunks(bytes: Buffer, from: number): boolean {
    let at = from;
    while (at < bytes.length) {
      if (this.#chunkLeft > 0) {
        const taken = Math.min(this.#chunkLeft, bytes.length - at);
        const left = this.#chunkLeft - taken;
        // The last two bytes of what is left are the line end.
        const data = Math.max(0, Math.min(taken, this.#chunkLeft - CR_LF_BYTES));
        this.#take(bytes, at, at + data);
        this.#chunkLeft = left;
        at += taken;
        continue;
      }
      const lineEnd = bytes.indexOf(LINE_END, at);
      if (lineEnd < 0) break;
      const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
      if (Number.isNaN(size)) throw new Error("A chunk without a size");
      if (size === 0) {
        // The end is "0", its line end, and an empty line; until all of it is there, more is to come.
        if (bytes.length < lineEnd + 2 * CR_LF_BYTES) break;
        if (this.#received !== this.#body.length) throw new Error(this.#short());
        return true;
      }
      this.#chunkLeft = size + CR_LF_BYTES;
      at = lineEnd + CR_LF_BYTES;
    }
    this.#partial = at < bytes.length ? bytes.subarray(at) : undefined;
    return false;
  }

  #take(bytes: Buffer, from: number, to: number): void {
    const end = this.#received + to - from;
    if (end > this.#body.length || this.#body.compare(bytes, from, to, this.#received, end) !== 0) {
      throw new Error(`Wrong bytes after ${this.#received} right ones`);
    }
    this.#received = end;
  }

  #short(): string {
    return `The answer ended after ${this.#received} of ${this.#body.length} bytes`;
  }
}
