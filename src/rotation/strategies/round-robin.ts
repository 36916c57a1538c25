import type { Strategy } from "./strategy.ts";

/** Each free key in turn, whatever its weight. */
export const roundRobin: Strategy = (tier, look) => {
  let next: (typeof tier.keys)[number] | undefined;
  look.eachFree(tier, tier.turn, (key, place) => {
    next = key;
    tier.turn = place + 1;
    return true;
  });
  return next;
};
