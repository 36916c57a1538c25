import type { RotationKey } from "../key-state.ts";
import type { Look } from "../look.ts";
import type { Tier } from "../pool.ts";

/**
 * Chooses among the keys of a tier.
 *
 * @param look    what the request asks of a key, and so which of those that are awake it may take now
 * @param random  uniform in [0, 1)
 * @returns undefined where none is free
 */
export type Strategy = <Key extends RotationKey>(
  tier: Tier<Key>,
  look: Look<Key>,
  random: () => number,
) => Key | undefined;
