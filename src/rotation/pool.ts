import type { RotationKey } from "./key-state.ts";
import type { Tier } from "./strategies/strategy.ts";

/** All keys that serve one model, the tier to use first at the front. */
export interface Pool<Key extends RotationKey> {
  /** "" for requests that name no model. */
  readonly model: string;
  readonly tiers: readonly Tier<Key>[];
}

export function createPool<Key extends RotationKey>(model: string, keys: readonly Key[]): Pool<Key> {
  const byPriority = Map.groupBy(keys, (key) => key.priority);
  const tiers = [...byPriority]
    .toSorted(([a], [b]) => a - b)
    .map(([, tierKeys]) => ({
      keys: tierKeys,
      maxWeight: Math.max(...tierKeys.map((key) => key.weight)),
      turn: 0,
    }));
  return { model, tiers };
}
