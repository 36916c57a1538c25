/** One request of the open loop. */
export interface Arrival {
  /** Milliseconds since the run began. */
  readonly atMs: number;
  /** What it counts against a limit: prompt and output. */
  readonly tokens: number;
  /** Told in its prompt: no two requests are the same, as no two conversations are. */
  readonly id: string;
}

/** The smallest request with token limits; the largest is a hundred times it. */
const SMALLEST_TOKENS = 80;
const SPREAD = 100;

/** The mean of what is uniform in its logarithm from the smallest to the largest. */
export const MEAN_TOKENS = (SMALLEST_TOKENS * (SPREAD - 1)) / Math.log(SPREAD);

/** Uniform in [0, 1) and the same for the same seed: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Poisson arrivals, given how many there are in all: independent and uniform over the whole run. Fixing
 * the number makes the offered load what was asked for; from one moment to the next it varies as it does.
 * Sizes are drawn evenly from their distribution and shuffled, so that their sum is as asked too.
 */
export function poissonArrivals(count: number, durationMs: number, random: () => number): Arrival[] {
  const sizes = Array.from({ length: count }, (_, index) =>
    Math.round(SMALLEST_TOKENS * SPREAD ** ((index + 0.5) / count)),
  );
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [sizes[last], sizes[other]] = [sizes[other]!, sizes[last]!];
  }
  return sizes
    .map((tokens) => ({ atMs: random() * durationMs, tokens, id: random().toString(36).slice(2) }))
    .toSorted((a, b) => a.atMs - b.atMs);
}
