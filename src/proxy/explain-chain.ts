import { formatMs } from "../observe/format-ms.ts";
import type { OwnError } from "../providers/error-format.ts";
import { keepTurn, turnIn, type Wanting } from "./come-back.ts";
import { type Exhausted, explainExhausted, type Explanation } from "./exhausted.ts";
import type { Search } from "./search.ts";

/**
 * Why neither the model under way nor those before it in its chain could be served. Where the client is to
 * come back, its turn is kept for it.
 */
export function explainSearch(search: Search, now: number): Explanation {
  const { chain } = search;
  const own = explainTry(search, now);
  const passed = chain?.passed ?? [];
  const before = passed.map((one) => explainTry(one, now));
  const whole = chain === undefined ? own : explainChain(chain.alias, [...before, own]);
  const { error, retryAfterMs } = whole;
  if (retryAfterMs === undefined) return whole;
  const soonest = passed[before.findIndex((part) => part.retryAfterMs === retryAfterMs)] ?? search;
  return { error, retryAfterMs: keepTurn(soonest, retryAfterMs, now) };
}

/** Those who wait already, or are to come back, have their turn first. */
function explainTry(one: Exhausted & Wanting, now: number): Explanation {
  const told = explainExhausted(one, now);
  const { error, retryAfterMs } = told;
  if (retryAfterMs === undefined) return told;
  const turnMs = turnIn(one, retryAfterMs, now);
  if (turnMs <= retryAfterMs) return { error, retryAfterMs: turnMs };
  const message = `${error.message} Others came before: the turn of this request is in ${formatMs(turnMs)}.`;
  return { error: { ...error, message }, retryAfterMs: turnMs };
}

/** What tells the client most comes first: when to come back, that upstreams fail, that keys need their owner. */
const RANKS: readonly OwnError["status"][] = [429, 502, 504, 503, 404];

function rankOf({ error }: Explanation): number {
  return RANKS.indexOf(error.status);
}

/**
 * The honest answer when none of the models that an alias stands for can be served: 429 with the soonest
 * recovery of them all where time helps any of them, else the status that tells the most.
 *
 * @param parts  one for each model that was come to, in order; at least one
 */
export function explainChain(alias: string, parts: readonly Explanation[]): Explanation {
  const best = parts.reduce((a, b) => (rankOf(b) < rankOf(a) ? b : a));
  const messages = parts.map(({ error }) => error.message);
  const message = `Nothing that the alias "${alias}" stands for can be served. ${messages.join(" ")}`;
  const waits = parts.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return {
    error: { ...best.error, message },
    retryAfterMs: waits.length === 0 ? undefined : Math.min(...waits),
  };
}
