import type { Strategy } from "./strategy.ts";
import { leastOfTwo } from "./two-choices.ts";

/** The key with the fewest requests under way for its weight. */
export const leastBusy: Strategy = (tier, look, random) =>
  leastOfTwo(tier, look, random, (key) => key.state.inFlight / key.weight);
