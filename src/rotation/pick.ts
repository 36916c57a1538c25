import type { RotationKey } from "./key-state.ts";
import { obstacleOf } from "./obstacle.ts";
import type { Pool } from "./pool.ts";
import type { Strategy } from "./strategies/strategy.ts";

/** What earlier attempts of the same request rule out. */
export interface Tried {
  /** Never taken again for this request. */
  readonly keys: ReadonlySet<RotationKey>;
  /** Upstreams that stumbled: taken again only where no other can serve. */
  readonly failedUpstreams: ReadonlySet<string>;
}

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
  tried: Tried,
  now: number,
  random: () => number,
): Key | undefined {
  const open = (key: Key) => !tried.keys.has(key) && obstacleOf(key.state, pool.model, now) === undefined;
  if (tried.failedUpstreams.size > 0) {
    const elsewhere = (key: Key) => !tried.failedUpstreams.has(key.upstream) && open(key);
    const key = pickFrom(pool, strategy, elsewhere, random);
    if (key !== undefined) return key;
  }
  return pickFrom(pool, strategy, open, random);
}

function pickFrom<Key extends RotationKey>(
  pool: Pool<Key>,
  strategy: Strategy,
  usable: (key: Key) => boolean,
  random: () => number,
): Key | undefined {
  for (const tier of pool.tiers) {
    const key = strategy(tier, usable, random);
    if (key !== undefined) return key;
  }
  return undefined;
}
