import type { Pool } from "../rotation/pool.ts";
import type { UpstreamKey } from "./runtime.ts";

/** Names of models and clients come from outside, so pools for names that are made up must not pile up. */
const MAX_POOLS = 10_000;
/** Of keys in all pools together, which take some hundred bytes each. */
const MAX_PLACES = 1_000_000;

/** Pools of one configuration, by what they are asked for with. It may forget: then they are made anew. */
export class PoolCache {
  readonly #pools = new Map<string, Pool<UpstreamKey>>();
  #places = 0;

  get(id: string): Pool<UpstreamKey> | undefined {
    return this.#pools.get(id);
  }

  /** @returns the pool */
  add(id: string, pool: Pool<UpstreamKey>): Pool<UpstreamKey> {
    const places = pool.tiers.reduce((sum, { keys }) => sum + keys.length, 0);
    if (this.#pools.size >= MAX_POOLS || this.#places + places > MAX_PLACES) {
      this.#pools.clear();
      this.#places = 0;
    }
    this.#places += places;
    this.#pools.set(id, pool);
    return pool;
  }
}
