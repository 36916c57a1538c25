import { fitsAt, type Gauge } from "../rotation/limits/gauge.ts";

/** No provider's hint is believed past 31 days (`providers/retry-hint.ts`): what lies further ahead is not ours. */
export const MAX_AHEAD_MS = 32 * 86_400_000;

/**
 * Saved instants as they are to be understood now.
 *
 * Where the clock stands before the time of saving it was put back, and all that was saved with it: so
 * much is taken off each instant, so that a rest goes on for as long as it had left, neither a day longer
 * nor a moment shorter.
 */
export class Instants {
  readonly #backMs: number;
  readonly #now: number;

  /**
   * @param savedMs  when they were saved, epoch milliseconds
   * @param now      epoch milliseconds
   */
  constructor(savedMs: number, now: number) {
    this.#backMs = Math.max(0, savedMs - now);
    this.#now = now;
  }

  /** An instant that may lie ahead; 0, for never, where it lies further ahead than any can. */
  deadline(ms: number): number {
    const at = ms - this.#backMs;
    return at > this.#now + MAX_AHEAD_MS ? 0 : Math.max(0, at);
  }

  /** An instant that cannot lie ahead; 0, for long ago, where it lies further ahead than any can. */
  past(ms: number): number {
    return Math.min(this.#now, this.deadline(ms));
  }

  /** Whether a gauge lets a request through, even when it is used up, within the time that any rest can last. */
  isBelievable(gauge: Gauge): boolean {
    const usedUp = { ...gauge, remaining: Math.min(0, gauge.remaining) };
    return fitsAt(usedUp, 1, this.#now) <= this.#now + MAX_AHEAD_MS;
  }
}
