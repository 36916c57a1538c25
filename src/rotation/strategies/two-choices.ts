import type { RotationKey } from "../key-state.ts";

/** Up to this many keys all are looked at; among more, chance finds two. */
const FEW_KEYS = 16;
const MAX_DRAWS = 32;

/**
 * The better of two usable keys drawn at random ("the power of two choices", Mitzenmacher 2001): nearly
 * as good as the best of all, at a cost that does not grow with their number. Among a few, the best.
 *
 * @param cost  lower is better
 */
export function leastOfTwo<Key extends RotationKey>(
  keys: readonly Key[],
  usable: (key: Key) => boolean,
  random: () => number,
  cost: (key: Key) => number,
): Key | undefined {
  if (keys.length > FEW_KEYS) {
    let first: Key | undefined;
    for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
      const key = keys[Math.floor(random() * keys.length)];
      if (key === undefined || key === first || !usable(key)) continue;
      if (first !== undefined) return cost(key) < cost(first) ? key : first;
      first = key;
    }
    if (first !== undefined) return first;
  }
  let best: Key | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  let equals = 0;
  for (const key of keys) {
    if (!usable(key)) continue;
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
