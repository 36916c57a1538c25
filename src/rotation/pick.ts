import type { RotationKey } from "./key-state.ts";
import { obstacleOf } from "./obstacle.ts";
import type { Pool } from "./pool.ts";
import { headroomFor, roomAt } from "./reserve.ts";
import type { Strategy } from "./strategies/strategy.ts";

/** What earlier attempts of the same request rule out. */
export interface Tried {
  /** Never taken again for this request. */
  readonly keys: ReadonlySet<RotationKey>;
  /** Upstreams that stumbled: taken again only where no other can serve. */
  readonly failedUpstreams: ReadonlySet<string>;
}

/** What is asked of a key. */
export interface Ask {
  /** Estimated, input and output together. */
  readonly tokens: number;
  readonly tried: Tried;
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
  { tokens, tried }: Ask,
  now: number,
  random: () => number,
): Key | undefined {
  const open = (key: Key) =>
    !tried.keys.has(key) &&
    obstacleOf(key.state, pool.model, now) === undefined &&
    roomAt(key, pool.model, tokens, now) <= now;
  if (tried.failedUpstreams.size > 0) {
    const elsewhere = (key: Key) => !tried.failedUpstreams.has(key.upstream) && open(key);
    const key = pickFrom(pool, strategy, elsewhere, now, random);
    if (key !== undefined) return key;
  }
  return pickFrom(pool, strategy, open, now, random);
}

function pickFrom<Key extends RotationKey>(
  pool: Pool<Key>,
  strategy: Strategy,
  usable: (key: Key) => boolean,
  now: number,
  random: () => number,
): Key | undefined {
  const headroomOf = (key: Key) => headroomFor(key, pool.model, now);
  for (const tier of pool.tiers) {
    const key = strategy(tier, usable, random, headroomOf, now);
    if (key !== undefined) return key;
  }
  return undefined;
}

/**
 * When the first key of the pool can serve, epoch milliseconds; Infinity where none will, or where only
 * the end of another request makes room.
 */
export function soonest<Key extends RotationKey>(
  pool: Pool<Key>,
  { tokens, tried }: Ask,
  now: number,
): number {
  let at = Number.POSITIVE_INFINITY;
  for (const { keys } of pool.tiers) {
    for (const key of keys) {
      if (tried.keys.has(key)) continue;
      const obstacle = obstacleOf(key.state, pool.model, now);
      if (obstacle?.kind === "dead") continue;
      at = Math.min(at, Math.max(obstacle?.untilMs ?? now, roomAt(key, pool.model, tokens, now)));
    }
  }
  return at;
}

/** Whether some key waits for nothing but the end of another request. */
export function mayFreeUp<Key extends RotationKey>(
  pool: Pool<Key>,
  { tokens, tried }: Ask,
  now: number,
): boolean {
  return pool.tiers.some(({ keys }) =>
    keys.some(
      (key) =>
        !tried.keys.has(key) &&
        obstacleOf(key.state, pool.model, now) === undefined &&
        key.state.inFlight > 0 &&
        roomAt(key, pool.model, tokens, now) === Number.POSITIVE_INFINITY,
    ),
  );
}
