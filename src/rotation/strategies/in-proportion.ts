import type { RotationKey } from "../key-state.ts";
import { type Look, startOf } from "../look.ts";
import type { Tier } from "../pool.ts";

/** Of all keys that are free, one at random, each in proportion to its share. */
export function inProportion<Key extends RotationKey>(
  tier: Tier<Key>,
  look: Look<Key>,
  random: () => number,
  shareOf: (key: Key) => number,
): Key | undefined {
  let total = 0;
  let chosen: Key | undefined;
  look.eachFree(tier, startOf(tier, random), (key) => {
    const share = shareOf(key);
    total += share;
    // One pass: each key replaces the one before with its part of the sum so far.
    if (random() * total < share) chosen = key;
    return false;
  });
  return chosen;
}
