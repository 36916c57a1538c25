/** Retries after upstream failures, as a part of the requests of the last ten seconds. */
const RETRY_RATIO = 0.2;
const MIN_RETRIES_PER_S = 10;
const SPAN_S = 10;

/**
 * Bounds the retries that an outage would multiply: at most a fifth of the recent requests, never fewer
 * than ten a second. Failovers on refusals do not count, since each sets its key aside, nor does the first
 * retry with an upstream that is not in the outage (`Search.isSoundElsewhere`).
 */
export class RetryBudget {
  readonly #requests = Array.from({ length: SPAN_S }, () => 0);
  readonly #retries = Array.from({ length: SPAN_S }, () => 0);
  #second = 0;

  /** @param now  epoch milliseconds */
  countRequest(now: number): void {
    this.#advance(now);
    this.#requests[this.#second % SPAN_S] = (this.#requests[this.#second % SPAN_S] ?? 0) + 1;
  }

  /** Takes one retry where there is one left. */
  tryRetry(now: number): boolean {
    this.#advance(now);
    const allowed = Math.max(MIN_RETRIES_PER_S * SPAN_S, RETRY_RATIO * sum(this.#requests));
    if (sum(this.#retries) >= allowed) return false;
    this.#retries[this.#second % SPAN_S] = (this.#retries[this.#second % SPAN_S] ?? 0) + 1;
    return true;
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1_000);
    const passed = Math.min(SPAN_S, Math.max(0, second - this.#second));
    for (let step = 1; step <= passed; step += 1) {
      this.#requests[(second - passed + step) % SPAN_S] = 0;
      this.#retries[(second - passed + step) % SPAN_S] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
