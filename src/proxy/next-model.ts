import { breakerOpensAt } from "../rotation/breaker.ts";
import type { Pool } from "../rotation/pool.ts";
import type { Chain } from "./chain.ts";
import type { Exchange } from "./exchange.ts";
import type { Exhausted } from "./exhausted.ts";
import type { UpstreamKey } from "./runtime.ts";

/** The part of a search for a key that belongs to the model under way. */
export interface ModelSearch extends Exhausted {
  readonly exchange: Exchange;
  /** Undefined where no alias was asked for. */
  readonly chain: Chain | undefined;
  pool: Pool<UpstreamKey>;
  tokens: number;
  failures: Map<UpstreamKey, string>;
  readonly tried: { readonly keys: Set<UpstreamKey>; readonly failedUpstreams: Set<string> };
}

/** Turns to the next model of the alias that was asked for; false where there is none. */
export function turnToNext(search: ModelSearch): boolean {
  const { exchange, chain, pool, tokens, failures } = search;
  const { runtime, api } = exchange;
  const model = chain?.behind.shift();
  if (chain === undefined || model === undefined) return false;
  chain.passed.push({ pool, tokens, failures });
  exchange.model = model;
  search.pool = runtime.poolFor(api, model);
  search.tokens = runtime.tokenTrends.estimate(api, model, exchange.size);
  search.failures = new Map();
  // What a key cannot do with one model it may do with another.
  search.tried.keys.clear();
  return true;
}

/**
 * Where there is another model to turn to, nobody waits for a failing upstream to come back: its keys
 * are passed over for this model.
 */
export function passOverFailing({ chain, pool, tried }: ModelSearch, now: number): void {
  if (chain === undefined || chain.behind.length === 0) return;
  for (const { keys } of pool.tiers) {
    for (const key of keys) if (breakerOpensAt(key.breaker, now) > now) tried.keys.add(key);
  }
}
