import type { Writable } from "node:stream";

/** How long a line may wait for others to be written with it. */
const FLUSH_MS = 25;

/** Past this much a reader of our output has stalled; older lines are kept, newer ones are counted and dropped. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/** Writes lines in batches: a system call for each request would cost more than all else that logging does. */
export class LineWriter {
  readonly #stream: Writable;
  #lines: string[] = [];
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    // A closed pipe (`keycycle serve | head`) is no reason to stop serving.
    stream.on("error", () => {});
  }

  write(line: string): void {
    if (this.#stream.writableLength > MAX_PENDING_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#lines.push(line);
    this.#timer ??= setTimeout(() => this.#drain(), FLUSH_MS);
  }

  /** Writes what waits; resolves when the stream has taken it, or has failed. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#drain(() => resolve());
    });
  }

  #drain(done?: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#dropped > 0) this.#lines.push(`(${this.#dropped} log lines dropped: the output was not read)`);
    this.#dropped = 0;
    const text = this.#lines.length === 0 ? "" : `${this.#lines.join("\n")}\n`;
    this.#lines = [];
    this.#stream.write(text, () => done?.());
  }
}
