import { Deadline, unwatch, watch } from "./watchdog.ts";

/** Slower than this a client is on no link that exists; 1 MB takes four minutes. */
export const LEAST_BYTES_PER_MS = 4;

/**
 * Holds a client to a pace while its body is waited for: it may fall silent for so long, and no further
 * behind than that. Only the time counts in which it is its turn to send.
 */
export class ClientPace extends Deadline {
  readonly #mostMs: number;
  readonly #onTooSlow: () => void;
  #leftMs: number;
  #sinceMs = 0;

  /** @param onTooSlow  called at most once, between `wait` and `arrived` */
  constructor(timeoutMs: number, onTooSlow: () => void) {
    super(Number.POSITIVE_INFINITY);
    this.#mostMs = timeoutMs;
    this.#leftMs = timeoutMs;
    this.#onTooSlow = onTooSlow;
  }

  /** From epoch millisecond `now` on it is the client's turn. */
  wait(now: number): void {
    this.#sinceMs = now;
    this.deadlineMs = now + this.#leftMs;
    watch(this);
  }

  arrived(bytes: number, now: number): void {
    unwatch(this);
    const left = this.#leftMs - (now - this.#sinceMs) + bytes / LEAST_BYTES_PER_MS;
    this.#leftMs = Math.max(0, Math.min(this.#mostMs, left));
  }

  override expire(): void {
    this.#onTooSlow();
  }
}
