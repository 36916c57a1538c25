import type { Strategy } from "./strategy.ts";

/** Each free key in turn, whatever its weight. */
export const roundRobin: Strategy = (tier, look) => {
  const ahead = look.nextFree(tier, tier.turn);
  const place = ahead >= 0 ? ahead : look.nextFree(tier, 0);
  if (place >= 0) tier.turn = place + 1;
  return tier.keys[place];
};
