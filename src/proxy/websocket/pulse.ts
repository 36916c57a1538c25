import { Deadline, unwatch, watch } from "../watchdog.ts";

/**
 * Tells an upstream that has fallen silent from one that has nothing to say, as a session may for long:
 * when nothing came for half of the time, it is pinged, and what answers a ping is there (RFC 6455 §5.5.2).
 */
export class Pulse extends Deadline {
  readonly #halfMs: number;
  readonly #ping: () => void;
  readonly #onSilence: () => void;
  #pinged = false;

  /**
   * @param idleMs     without a word, the answer to a ping included
   * @param ping       sends one
   * @param onSilence  called once, the last
   */
  constructor(idleMs: number, ping: () => void, onSilence: () => void) {
    super(Date.now() + idleMs / 2);
    this.#halfMs = idleMs / 2;
    this.#ping = ping;
    this.#onSilence = onSilence;
    watch(this);
  }

  /** Something came, or is waited for again. */
  heard(): void {
    this.#pinged = false;
    this.deadlineMs = Date.now() + this.#halfMs;
  }

  /** Nothing can come, as nothing is read. */
  suspend(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
  }

  end(): void {
    unwatch(this);
  }

  override expire(): void {
    if (this.#pinged) {
      this.#onSilence();
      return;
    }
    this.#pinged = true;
    this.#ping();
    this.deadlineMs = Date.now() + this.#halfMs;
    watch(this);
  }
}
