import type { RotationKey } from "../key-state.ts";
import { leastBusy } from "./least-busy.ts";
import type { Strategy } from "./strategy.ts";
import { leastOfTwo } from "./two-choices.ts";

/** So many go by load alone, so that a key that was slow once is measured again. */
const EXPLORE = 0.05;

/** What a key counts as that was never measured, while others try it already. */
const UNMEASURED_MS = 1_000;

/**
 * The key with the shortest expected time to the first byte (peak EWMA, as Finagle and linkerd have it),
 * times those who wait already.
 */
export const latency: Strategy = (tier, usable, random, headroomOf) =>
  random() < EXPLORE
    ? leastBusy(tier, usable, random, headroomOf)
    : leastOfTwo(tier.keys, usable, random, costOf);

function costOf({ state: { ttfbMs, inFlight } }: RotationKey): number {
  if (ttfbMs === 0 && inFlight === 0) return 0;
  return (ttfbMs === 0 ? UNMEASURED_MS : ttfbMs) * (inFlight + 1);
}
