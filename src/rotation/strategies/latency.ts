import type { RotationKey } from "../key-state.ts";
import { slowStart } from "../slow-start.ts";
import { leastBusy } from "./least-busy.ts";
import type { Strategy } from "./strategy.ts";
import { leastOfTwo } from "./two-choices.ts";

/** So many go by load alone, so that a key that was slow once is measured again. */
const EXPLORE = 0.05;

/** What a key counts as that was never measured, while others try it already. */
const UNMEASURED_MS = 1_000;

/**
 * The key with the shortest expected time to the first byte (peak EWMA, as Finagle and linkerd have it),
 * times those who wait already. One that has just come back seems slower than it is, and the less so the
 * longer it is back: until then only chance measures it.
 */
export const latency: Strategy = (tier, look, random) =>
  random() < EXPLORE
    ? leastBusy(tier, look, random)
    : leastOfTwo(tier, look, random, (key) => costOf(key, look.now));

function costOf(key: RotationKey, now: number): number {
  const { ttfbMs, inFlight } = key.state;
  const start = slowStart(key, now);
  if (ttfbMs === 0 && inFlight === 0 && start === 1) return 0;
  return ((ttfbMs === 0 ? UNMEASURED_MS : ttfbMs) * (inFlight + 1)) / start;
}
