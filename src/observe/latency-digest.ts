/** Buckets for each doubling: a quantile is off by 4 % at most, beside what two windows blur. */
const PER_DOUBLING = 8;
/** From 1 ms to some 17 minutes. */
const BUCKETS = PER_DOUBLING * 20;

/**
 * How long something took, of late: quantiles over the present window and the one before it. Counting
 * allocates nothing.
 */
export class LatencyDigest {
  #present = new Uint32Array(BUCKETS);
  #before = new Uint32Array(BUCKETS);

  add(ms: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.floor(Math.log2(Math.max(1, ms)) * PER_DOUBLING));
    this.#present[bucket] = (this.#present[bucket] ?? 0) + 1;
  }

  /** A window is over: what was counted before the last one is forgotten. */
  turn(): void {
    const oldest = this.#before;
    this.#before = this.#present;
    this.#present = oldest.fill(0);
  }

  /**
   * @param part  0.5 for the median
   * @returns milliseconds; undefined where nothing was counted
   */
  quantile(part: number): number | undefined {
    const total = this.#count(BUCKETS);
    if (total === 0) return undefined;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      if (this.#count(bucket + 1) >= part * total) return 2 ** ((bucket + 0.5) / PER_DOUBLING);
    }
    return undefined;
  }

  #count(buckets: number): number {
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1)
      sum += (this.#present[bucket] ?? 0) + (this.#before[bucket] ?? 0);
    return sum;
  }
}
