import type { Strategy } from "./strategy.ts";

/** Up to this many keys all are added up; among more, draws are kept or thrown back by their weight. */
const FEW_KEYS = 64;
const MAX_DRAWS = 64;

/** Usable keys at random, each in proportion to its weight. */
export const weighted: Strategy = (tier, usable, random) => {
  const { keys, maxWeight } = tier;
  if (keys.length > FEW_KEYS) {
    for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
      const key = keys[Math.floor(random() * keys.length)];
      if (key !== undefined && random() * maxWeight < key.weight && usable(key)) return key;
    }
  }
  let total = 0;
  let chosen: (typeof keys)[number] | undefined;
  for (const key of keys) {
    if (!usable(key)) continue;
    total += key.weight;
    // Each key replaces the one before with its part of the sum so far, so one pass is enough.
    if (random() * total < key.weight) chosen = key;
  }
  return chosen;
};
