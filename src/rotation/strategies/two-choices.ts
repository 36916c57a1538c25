import type { RotationKey } from "../key-state.ts";
import { type Look, startOf } from "../look.ts";
import type { Tier } from "../pool.ts";

/** Up to this many keys all are looked at; among more, chance finds two. */
const FEW_KEYS = 16;
const MAX_MISSES = 32;

/**
 * The better of two free keys drawn by weight ("the power of two choices", Mitzenmacher 2001): nearly as
 * good as the best of all, at a cost that does not grow with their number. Among a few, the best.
 *
 * @param cost  lower is better
 */
export function leastOfTwo<Key extends RotationKey>(
  tier: Tier<Key>,
  look: Look<Key>,
  random: () => number,
  cost: (key: Key) => number,
): Key | undefined {
  const { keys, roster } = tier;
  let first: Key | undefined;
  // One that goes to rest at the look is not drawn again, so only the others have to be bounded.
  for (let misses = 0; misses < MAX_MISSES && roster.awakeCount > FEW_KEYS;) {
    const place = roster.draw(random());
    const key = keys[place];
    if (key === undefined || key === first || !look.isFree(tier, place)) {
      if (roster.reasonOf(place) === undefined) misses += 1;
      continue;
    }
    if (first !== undefined) return cost(key) < cost(first) ? key : first;
    first = key;
  }
  return (
    first ??
    leastFrom(tier, look, startOf(tier, random), random, cost) ??
    leastFrom(tier, look, 0, random, cost)
  );
}

function leastFrom<Key extends RotationKey>(
  tier: Tier<Key>,
  look: Look<Key>,
  from: number,
  random: () => number,
  cost: (key: Key) => number,
): Key | undefined {
  let best: Key | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  let equals = 0;
  for (let place = look.nextFree(tier, from); place >= 0; place = look.nextFree(tier, place + 1)) {
    const key = tier.keys[place];
    if (key === undefined) break;
    const keyCost = cost(key);
    equals = keyCost === bestCost ? equals + 1 : 1;
    // Among equals each is as likely: the first would take all of a quiet proxy's requests.
    if (keyCost < bestCost || (keyCost === bestCost && random() * equals < 1)) {
      best = key;
      bestCost = keyCost;
    }
  }
  return best;
}
