import type { OwnError } from "../providers/error-format.ts";
import type { Chain } from "./chain.ts";
import { type Exhausted, explainExhausted, type Explanation } from "./exhausted.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** Why neither the model under way nor those before it in its chain could be served. */
export function explainSearch(
  underWay: Exhausted,
  chain: Chain | undefined,
  waiting: Pick<WaitingRoom, "lengthMs">,
  now: number,
): Explanation {
  const explain = (exhausted: Exhausted) => {
    const { error, retryAfterMs } = explainExhausted(exhausted, now);
    // Those who wait already come first.
    const lineMs = waiting.lengthMs(exhausted.pool, now);
    return { error, retryAfterMs: retryAfterMs && Math.max(retryAfterMs, lineMs) };
  };
  const own = explain(underWay);
  return chain === undefined ? own : explainChain(chain.alias, [...chain.passed.map(explain), own]);
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
