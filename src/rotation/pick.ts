import type { RotationKey } from "./key-state.ts";
import { type Ask, Look } from "./look.ts";
import type { Pool } from "./pool.ts";
import type { Strategy } from "./strategies/strategy.ts";

/**
 * The key for the next attempt: of the lowest tier that has a usable key, the one that the strategy
 * chooses. An upstream that failed this request is passed over in every tier before it is asked again,
 * since what ails it rarely ails one key.
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
  if (ask.tried.failedUpstreams.size > 0) {
    const key = pickFrom(pool, strategy, new Look(pool.model, ask, now, true), now, random);
    if (key !== undefined) return key;
  }
  return pickFrom(pool, strategy, new Look(pool.model, ask, now), now, random);
}

function pickFrom<Key extends RotationKey>(
  pool: Pool<Key>,
  strategy: Strategy,
  look: Look<Key>,
  now: number,
  random: () => number,
): Key | undefined {
  for (const tier of pool.tiers) {
    do {
      tier.roster.wakeDue(now);
      const key = strategy(tier, look, random);
      if (key !== undefined) return key;
    } while (tier.roster.dueMs <= now);
  }
  return undefined;
}
