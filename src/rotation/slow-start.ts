import type { RotationKey } from "./key-state.ts";

/** A key that comes back has its whole share after this time, and this part of it at first. */
const RAMP_MS = 10_000;
const FIRST_PART = 0.1;

/**
 * How much of its share a key is to take, in (0, 1]: growing while it has not been back for long, after
 * it was set aside, its upstream's circuit was open, or it was added while others served. A sharp rise
 * meets limits of its own at some providers although much is left (Anthropic's acceleration limits), and
 * connections and caches are cold. Shares are relative: where no other key can serve, it takes all.
 *
 * @param now  epoch milliseconds
 */
export function slowStart(key: RotationKey, now: number): number {
  const backMs = now - Math.max(key.state.returnedMs, key.breaker.closedMs);
  return backMs >= RAMP_MS ? 1 : Math.max(FIRST_PART, backMs / RAMP_MS);
}
