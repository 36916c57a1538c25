import { inProportion } from "./in-proportion.ts";
import type { Strategy } from "./strategy.ts";

/** Draws of keys that are awake but not free for this request, before all are looked at. */
const MAX_MISSES = 32;

/** Free keys at random, each in proportion to its weight. */
export const weighted: Strategy = (tier, look, random) => {
  const { keys, roster } = tier;
  for (let misses = 0; misses < MAX_MISSES && roster.awakeCount > 0;) {
    const place = roster.draw(random());
    if (look.isFree(tier, place)) return keys[place];
    // One that has gone to rest is not drawn again.
    if (roster.reasonOf(place) === undefined) misses += 1;
  }
  return inProportion(tier, look, random, (key) => key.weight);
};
