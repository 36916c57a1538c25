import { breakerOpensAt } from "../rotation/breaker.ts";
import type { Affinity } from "../rotation/affinity.ts";
import { type Ask, NOTHING_TRIED, type Tried } from "../rotation/look.ts";
import type { Pool } from "../rotation/pool.ts";
import type { Reservation } from "../rotation/reserve.ts";
import type { UpstreamRequest } from "./attempt.ts";
import type { Chain } from "./chain.ts";
import { firstCame, type Wanting } from "./come-back.ts";
import type { Exchange } from "./exchange.ts";
import type { Exhausted } from "./exhausted.ts";
import { poolFor } from "./owners/own-request.ts";
import type { UpstreamKey } from "./runtime.ts";

// Nearly every request is served by its first attempt: what only a second one needs is made then.
const NO_FAILURES: ReadonlyMap<UpstreamKey, string> = new Map();

/** One request's search for a key that serves it: what it asks for, and what its attempts have ruled out. */
export class Search implements Ask, Exhausted, Wanting {
  readonly exchange: Exchange;
  /** Undefined where no alias was asked for. */
  readonly chain: Chain | undefined;
  /** As it was received; an upload that is no longer held can be sent only once. */
  readonly body: UpstreamRequest["body"];
  /** Of the model under way, as are the tokens, the failures and its place in the line. */
  pool: Pool<UpstreamKey>;
  /** That the request is likely to count against a limit. */
  tokens: number;
  sinceMs: number;
  /** Epoch milliseconds; set when the request first has to wait. */
  waitDeadlineMs: number | undefined = undefined;
  /** When the attempt that failed last was sent, epoch milliseconds. */
  #failedSentMs = Number.POSITIVE_INFINITY;
  #failures: Map<UpstreamKey, string> | undefined = undefined;
  #triedKeys: Set<UpstreamKey> | undefined = undefined;
  #failedUpstreams: Set<string> | undefined = undefined;

  constructor(
    exchange: Exchange,
    chain: Chain | undefined,
    pool: Pool<UpstreamKey>,
    body: UpstreamRequest["body"],
    tokens: number,
  ) {
    this.exchange = exchange;
    this.chain = chain;
    this.pool = pool;
    this.body = body;
    this.tokens = tokens;
    this.sinceMs = firstCame(exchange, pool, body);
  }

  get failures(): ReadonlyMap<UpstreamKey, string> {
    return this.#failures ?? NO_FAILURES;
  }

  get affinity(): Affinity | undefined {
    return this.exchange.affinity;
  }

  get tried(): Tried {
    if (this.#triedKeys === undefined && this.#failedUpstreams === undefined) return NOTHING_TRIED;
    return {
      keys: this.#triedKeys ?? NOTHING_TRIED.keys,
      failedUpstreams: this.#failedUpstreams ?? NOTHING_TRIED.failedUpstreams,
    };
  }

  /** The key is not taken again for this request. */
  ruleOut(key: UpstreamKey): void {
    (this.#triedKeys ??= new Set()).add(key);
  }

  /** The key's upstream has failed this request, and is taken again only where no other can serve. */
  noteFailure({ key, sentMs }: Reservation<UpstreamKey>, reason: string): void {
    this.#failedSentMs = sentMs;
    (this.#failures ??= new Map()).set(key, reason);
    (this.#failedUpstreams ??= new Set()).add(key.upstream);
  }

  /**
   * Whether a key's upstream is none of those that failed, and has answered since the failed attempt was
   * sent: it is not in the same outage. What was under way at one that breaks down may go on there whatever
   * the budget of retries says.
   */
  isSoundElsewhere(key: UpstreamKey): boolean {
    return !this.tried.failedUpstreams.has(key.upstream) && key.breaker.answeredMs >= this.#failedSentMs;
  }

  /** Turns to the next model of the alias that was asked for; false where there is none. */
  turnToNext(): boolean {
    const { exchange, chain, pool, body, tokens, failures, sinceMs } = this;
    const { runtime, api } = exchange;
    const model = chain?.behind.shift();
    if (chain === undefined || model === undefined) return false;
    chain.passed.push({ exchange, pool, body, tokens, failures, sinceMs });
    exchange.model = model;
    this.pool = poolFor(exchange, model);
    this.tokens = runtime.tokenTrends.estimate(api, model, exchange.size);
    this.sinceMs = firstCame(exchange, this.pool, body);
    this.#failures = undefined;
    // What a key cannot do with one model it may do with another.
    this.#triedKeys = undefined;
    return true;
  }

  /**
   * Where there is another model to turn to, nobody waits for a failing upstream to come back: its keys
   * are passed over for this model.
   */
  passOverFailing(now: number): void {
    if (this.chain === undefined || this.chain.behind.length === 0) return;
    for (const { keys } of this.pool.tiers) {
      for (const key of keys) if (breakerOpensAt(key.breaker, now) > now) this.ruleOut(key);
    }
  }
}
