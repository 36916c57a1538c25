import type { RotationKey } from "./key-state.ts";
import type { Ring } from "./rendezvous.ts";
import { Roster } from "./roster.ts";

/** The keys of one priority that serve one model. */
export interface Tier<Key extends RotationKey> {
  /** In the order of the configuration; a key's index is its place in the roster. */
  readonly keys: readonly Key[];
  readonly roster: Roster;
  /** Place of the key that round-robin looks at next. */
  turn: number;
  /** Made when the first request with an affinity comes. */
  ring: Ring | undefined;
}

/** All keys that serve one model, the tier to use first at the front. */
export interface Pool<Key extends RotationKey> {
  /** "" for requests that name no model. */
  readonly model: string;
  readonly tiers: readonly Tier<Key>[];
}

export function createPool<Key extends RotationKey>(model: string, keys: readonly Key[]): Pool<Key> {
  const tiers = inTiers(keys).map((tierKeys) => ({
    keys: tierKeys,
    roster: new Roster(tierKeys.map((key) => key.weight)),
    turn: 0,
    ring: undefined,
  }));
  return { model, tiers };
}

/** Keys by their priority, those to use first at the front. */
export function inTiers<Key extends Pick<RotationKey, "priority">>(keys: readonly Key[]): Key[][] {
  return [...Map.groupBy(keys, (key) => key.priority)]
    .toSorted(([a], [b]) => a - b)
    .map(([, tierKeys]) => tierKeys);
}
