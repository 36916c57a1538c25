import type { Strategy } from "./strategy.ts";

/** Each usable key in turn, whatever its weight. */
export const roundRobin: Strategy = (tier, usable) => {
  const { keys } = tier;
  for (let step = 0; step < keys.length; step += 1) {
    const index = (tier.turn + step) % keys.length;
    const key = keys[index];
    if (key !== undefined && usable(key)) {
      tier.turn = (index + 1) % keys.length;
      return key;
    }
  }
  return undefined;
};
