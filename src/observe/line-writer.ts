import type { Writable } from "node:stream";

/** How long a line may wait for others to be written with it. */
const FLUSH_MS = 25;

const BUFFER_BYTES = 256 * 1024;

/** Past this much a reader of our output has stalled; what comes then is counted and dropped. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/**
 * Writes lines in batches: a system call for each request would cost more than all else that logging
 * does. Lines wait as bytes in one buffer, since strings that wait outlive the young generation of the
 * garbage collector, which then has to trace and promote them.
 */
export class LineWriter {
  readonly #stream: Writable;
  readonly #beforeFlush: () => void;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #length = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param beforeFlush  called before what waits is written, for lines that are not spelled out yet */
  constructor(stream: Writable, beforeFlush: () => void = () => {}) {
    this.#stream = stream;
    this.#beforeFlush = beforeFlush;
    // A closed pipe (`keycycle serve | head`) is no reason to stop serving.
    stream.on("error", () => {});
  }

  write(line: string): void {
    if (this.#stream.writableLength > MAX_PENDING_BYTES) {
      this.#dropped += 1;
      return;
    }
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    const mostBytes = line.length * 3 + 1;
    if (this.#length + mostBytes > BUFFER_BYTES) this.#drain();
    if (mostBytes > BUFFER_BYTES) {
      this.#stream.write(`${line}\n`);
      return;
    }
    this.#length += this.#buffer.write(line, this.#length);
    this.#buffer[this.#length] = 0x0a;
    this.#length += 1;
    this.schedule();
  }

  /** There will be something to write. */
  schedule(): void {
    this.#timer ??= setTimeout(() => this.#flushNow(), FLUSH_MS);
  }

  /** Writes what waits; resolves when the stream has taken it, or has failed. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#flushNow(() => resolve());
    });
  }

  #flushNow(done?: () => void): void {
    this.#beforeFlush();
    this.#drain(done);
  }

  #drain(done?: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    this.#stream.write(bytes, () => done?.());
    if (this.#dropped === 0) return;
    this.#stream.write(`(${this.#dropped} log lines dropped: the output was not read)\n`);
    this.#dropped = 0;
  }
}
