import type { Strategy } from "./strategy.ts";
import { leastOfTwo } from "./two-choices.ts";

/**
 * The key with the shortest expected time to the first byte (peak EWMA, as Finagle and linkerd have it),
 * times those who wait already. A key that was never measured is tried: its cost is 0 once.
 */
export const latency: Strategy = (tier, usable, random) =>
  leastOfTwo(tier.keys, usable, random, (key) => key.state.ttfbMs * (key.state.inFlight + 1));
