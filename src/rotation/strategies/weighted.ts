import type { Strategy } from "./strategy.ts";

/** Usable keys at random, each in proportion to its weight. */
export const weighted: Strategy = (tier, usable, random) => {
  let totalWeight = 0;
  for (const key of tier.keys) if (usable(key)) totalWeight += key.weight;
  let left = random() * totalWeight;
  let chosen: (typeof tier.keys)[number] | undefined;
  for (const key of tier.keys) {
    if (!usable(key)) continue;
    chosen = key;
    left -= key.weight;
    if (left < 0) break;
  }
  return chosen;
};
