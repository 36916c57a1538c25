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
  const from = startOf(tier, random);
  return drawFrom(tier, look, from, random, shareOf) ?? drawFrom(tier, look, 0, random, shareOf);
}

function drawFrom<Key extends RotationKey>(
  tier: Tier<Key>,
  look: Look<Key>,
  from: number,
  random: () => number,
  shareOf: (key: Key) => number,
): Key | undefined {
  let total = 0;
  let chosen: Key | undefined;
  for (let place = look.nextFree(tier, from); place >= 0; place = look.nextFree(tier, place + 1)) {
    const key = tier.keys[place];
    if (key === undefined) break;
    const share = shareOf(key);
    total += share;
    // One pass: each key replaces the one before with its part of the sum so far.
    if (random() * total < share) chosen = key;
  }
  return chosen;
}
