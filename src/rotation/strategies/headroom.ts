import type { RotationKey } from "../key-state.ts";
import type { Look } from "../look.ts";
import { slowStart } from "../slow-start.ts";
import { inProportion } from "./in-proportion.ts";
import type { Strategy } from "./strategy.ts";
import { leastOfTwo } from "./two-choices.ts";

/** Up to this many keys, each is taken in proportion; among more, the better of two. */
const FEW_KEYS = 16;

/**
 * Each free key in proportion to what it has left and its weight, so that all run down together and none
 * is hit first; less of one that has just come back.
 */
export const headroom: Strategy = (tier, look, random) =>
  tier.roster.awakeCount > FEW_KEYS
    ? leastOfTwo(tier, look, random, (key) => -roomOf(key, look))
    : inProportion(tier, look, random, (key) => roomOf(key, look) * key.weight);

/** A key that has room for just this request keeps a chance. */
function roomOf<Key extends RotationKey>(key: Key, look: Look<Key>): number {
  return Math.max(1e-6, look.headroomOf(key)) * slowStart(key, look.now);
}
