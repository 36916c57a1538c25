import type { RotationKey } from "../key-state.ts";
import { slowStart } from "../slow-start.ts";
import type { Strategy } from "./strategy.ts";
import { leastOfTwo } from "./two-choices.ts";

/** Up to this many keys, each is taken in proportion; among more, the better of two. */
const FEW_KEYS = 16;

/**
 * Each usable key in proportion to what it has left, so that all run down together and none is hit
 * first; less of one that has just come back.
 */
export const headroom: Strategy = (tier, usable, random, headroomOf, now) => {
  const { keys } = tier;
  if (keys.length > FEW_KEYS)
    return leastOfTwo(keys, usable, random, (key) => -shareOf(key, headroomOf(key), now));
  let total = 0;
  let chosen: (typeof keys)[number] | undefined;
  for (const key of keys) {
    if (!usable(key)) continue;
    const share = shareOf(key, headroomOf(key), now);
    total += share;
    // One pass: each key replaces the one before with its part of the sum so far.
    if (random() * total < share) chosen = key;
  }
  return chosen;
};

/** A key that has room for just this request keeps a chance. */
function shareOf(key: RotationKey, left: number, now: number): number {
  return Math.max(1e-6, left) * key.weight * slowStart(key, now);
}
