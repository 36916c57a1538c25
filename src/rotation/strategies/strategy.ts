import type { RotationKey } from "../key-state.ts";

/** The keys of one priority that serve one model, and whose turn it is. */
export interface Tier<Key extends RotationKey> {
  readonly keys: readonly Key[];
  /** Of the keys, the largest. */
  readonly maxWeight: number;
  /** Index of the key that round-robin looks at next. */
  turn: number;
}

/**
 * Chooses among the keys of a tier.
 *
 * @param usable    whether a key may be taken now
 * @param random    uniform in [0, 1)
 * @param headroom  what the key has left for the request's model, in requests
 * @param now       epoch milliseconds
 * @returns undefined where none is usable
 */
export type Strategy = <Key extends RotationKey>(
  tier: Tier<Key>,
  usable: (key: Key) => boolean,
  random: () => number,
  headroom: (key: Key) => number,
  now: number,
) => Key | undefined;
