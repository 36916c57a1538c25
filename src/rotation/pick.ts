import { type Affinity, byAffinity } from "./affinity.ts";
import type { RotationKey } from "./key-state.ts";
import { type Ask, Look } from "./look.ts";
import type { Pool } from "./pool.ts";
import type { Strategy } from "./strategies/strategy.ts";

/**
 * The key for the next attempt: of the lowest tier that has a usable key, the one that the request's
 * affinity leads to, else the one that the strategy chooses. An upstream that failed this request is passed
 * over in every tier before it is asked again, since what ails it rarely ails one key.
 *
 * @returns undefined where no key can serve now
 */
export function pick<Key extends RotationKey>(
  pool: Pool<Key>,
  strategy: Strategy,
  ask: Ask,
  now: number,
  random: () => number,
): Key | undefined {
  const { affinity } = ask;
  if (affinity !== undefined) affinity.home = undefined;
  if (ask.tried.failedUpstreams.size > 0) {
    const key = pickFrom(pool, strategy, affinity, new Look(pool.model, ask, now, true), random);
    if (key !== undefined) return key;
  }
  return pickFrom(pool, strategy, affinity, new Look(pool.model, ask, now), random);
}

function pickFrom<Key extends RotationKey>(
  pool: Pool<Key>,
  strategy: Strategy,
  affinity: Affinity | undefined,
  look: Look<Key>,
  random: () => number,
): Key | undefined {
  for (const tier of pool.tiers) {
    do {
      tier.roster.wakeDue(look.now);
      const key = (affinity && byAffinity(tier, look, affinity)) ?? strategy(tier, look, random);
      if (key !== undefined) return key;
    } while (tier.roster.dueMs <= look.now);
  }
  return undefined;
}
