import type { RotationKey } from "./key-state.ts";

/** So many keys are looked at together; up to this many, a tier is one round of all its keys. */
export const ROUND = 64;

/**
 * The keys of a tier on a ring, each at its seed: where a hash points, its rounds of keys begin. Keys keep
 * their places whoever comes or goes beside them, so that for any hash only what is near it changes.
 */
export class Ring {
  readonly #seeds: Uint32Array;
  /** Place in the tier, by place on the ring. */
  readonly #places: Uint32Array;

  constructor(keys: readonly Pick<RotationKey, "seed">[]) {
    const order = keys.map(({ seed }, place) => ({ seed, place })).toSorted((a, b) => a.seed - b.seed);
    this.#seeds = Uint32Array.from(order, ({ seed }) => seed);
    this.#places = Uint32Array.from(order, ({ place }) => place);
  }

  /** The place on the ring from which a hash looks at keys; anywhere where all fit in one round. */
  startOf(hash: number): number {
    const size = this.#seeds.length;
    if (size <= ROUND) return 0;
    // Not by the hash itself: the order within a round goes by it as well.
    const point = mixed(hash ^ POINT);
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#seeds[middle] ?? 0) < point) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The place in the tier of whoever is at a place on the ring, all round. */
  placeAt(index: number): number {
    return this.#places[index % this.#places.length] ?? 0;
  }
}

const POINT = 0x9e3779b9;

/**
 * How far a key is from a hash, the nearest being the first in its order: highest random weight, with the
 * weights of keys (Thaler and Ravishankar 1998; Schindelhauer and Schomaker 2005). Each key is the nearest
 * to its share of all hashes, and a key that comes, goes or changes its weight moves only that share.
 *
 * @param seed    of the key, as `hash` any 32 bits
 * @param weight  above 0
 */
export function distance(seed: number, hash: number, weight: number): number {
  return -Math.log((mixed(seed ^ hash) + 0.5) / 2 ** 32) / weight;
}

/** The 32 bits stirred until each depends on all (the finalizer of MurmurHash3); one to one, so no two seeds tie. */
function mixed(bits: number): number {
  let mixing = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return (mixing ^ (mixing >>> 16)) >>> 0;
}
