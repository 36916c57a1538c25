import { formatMs } from "../observe/format-ms.ts";
import type { OwnError } from "../providers/error-format.ts";
import { NOTHING_TRIED } from "../rotation/look.ts";
import { breakerOpensAt } from "../rotation/breaker.ts";
import { obstacleOf } from "../rotation/obstacle.ts";
import { mayFreeUp, soonest } from "../rotation/outlook.ts";
import type { Pool } from "../rotation/pool.ts";
import { roomAt } from "../rotation/reserve.ts";
import type { RestReason } from "../rotation/roster.ts";
import type { UpstreamKey } from "./runtime.ts";

/** More names than this make a message that nobody reads. */
const MAX_NAMED_KEYS = 8;

/** A model that could not be served, and what is known of why. */
export interface Exhausted {
  readonly pool: Pool<UpstreamKey>;
  /** That the request is likely to count against a limit. */
  readonly tokens: number;
  /** Keys whose upstreams failed this very request, and how. */
  readonly failures: ReadonlyMap<UpstreamKey, string>;
}

/** Why no key could serve a model. */
export interface Explanation {
  readonly error: OwnError;
  /** Milliseconds until the first key recovers; undefined where time does not help. */
  readonly retryAfterMs: number | undefined;
}

/**
 * The honest answer when no key can serve: 404 where none ever serves the model, 429 with the soonest
 * recovery where time will help, 503 where only the owner of the keys can.
 *
 * @param now  epoch milliseconds
 */
export function explainExhausted({ pool, failures, tokens }: Exhausted, now: number): Explanation {
  const keyCount = pool.tiers.reduce((sum, tier) => sum + tier.keys.length, 0);
  const model = pool.model === "" ? "this request" : `the model "${pool.model}"`;
  if (keyCount === 0) {
    const message = `No key that speaks this API serves ${model}. Name it under "models" of one; "others" stands for every model that no key of any API names.`;
    return { error: modelNotFound(message), retryAfterMs: undefined };
  }

  const named = keysToName(pool, failures);
  const told = named.map((key) => tell(key, failures, pool.model, tokens, now));
  const more = keyCount > named.length ? `; and ${keyCount - named.length} more` : "";
  const message = `No key can serve ${model} now: ${told.join("; ")}${more}.`;

  if (failures.size > 0) {
    const timedOut = [...failures.values()].every((reason) => reason.startsWith("no "));
    const error: OwnError = {
      status: timedOut ? 504 : 502,
      code: timedOut ? "upstream_timeout" : "upstream_failed",
      message,
    };
    return { error, retryAfterMs: undefined };
  }
  const atMs = soonest(pool, { tokens, tried: NOTHING_TRIED }, now);
  const unserved = resting(pool, "unserved-model");
  const hopeless = unserved + resting(pool, "dead");
  if (hopeless === keyCount) {
    const error: OwnError =
      unserved === keyCount ? modelNotFound(message) : { status: 503, code: "no_usable_key", message };
    return { error, retryAfterMs: undefined };
  }
  if (everyUpstreamFails(pool, now)) {
    const error: OwnError = { status: 503, code: "upstream_failing", message };
    return { error, retryAfterMs: Number.isFinite(atMs) ? Math.max(1, atMs - now) : BUSY_MS };
  }
  const isTimeKnown = atMs < Number.POSITIVE_INFINITY && !mayFreeUp(pool, NOTHING_TRIED);
  const retryAfterMs = Math.max(1, isTimeKnown ? atMs - now : Math.min(BUSY_MS, atMs - now));
  return { error: { status: 429, code: "rate_limit_exceeded", message }, retryAfterMs };
}

/** Whether all keys that could serve are held back by nothing but the circuits of their upstreams. */
function everyUpstreamFails({ tiers, model }: Pool<UpstreamKey>, now: number): boolean {
  return tiers.every(({ keys }) =>
    keys.every(({ breaker, state }) => {
      if (breakerOpensAt(breaker, now) > now) return true;
      const kind = obstacleOf(state, model, now)?.kind;
      return kind === "dead" || kind === "unserved-model" || kind === "disabled";
    }),
  );
}

function modelNotFound(message: string): OwnError {
  return { status: 404, code: "model_not_found", message, param: "model" };
}

/** Those that failed just now say the most; of the others, the first. */
function keysToName(pool: Pool<UpstreamKey>, failures: ReadonlyMap<UpstreamKey, string>): UpstreamKey[] {
  const named = [...failures.keys()].slice(0, MAX_NAMED_KEYS);
  for (const { keys } of pool.tiers) {
    for (const key of keys) {
      if (named.length === MAX_NAMED_KEYS) return named;
      if (!failures.has(key)) named.push(key);
    }
  }
  return named;
}

/** When to come back to a key that has all it can do under way is anybody's guess. */
const BUSY_MS = 1_000;

function resting(pool: Pool<UpstreamKey>, reason: RestReason): number {
  return pool.tiers.reduce((sum, { roster }) => sum + roster.restingFor(reason), 0);
}

function tell(
  key: UpstreamKey,
  failures: Exhausted["failures"],
  model: string,
  tokens: number,
  now: number,
): string {
  const failure = failures.get(key);
  if (failure !== undefined) return `${key.name} failed (${failure})`;
  const obstacle = obstacleOf(key.state, model, now);
  switch (obstacle?.kind) {
    case "disabled":
      return `${key.name} is disabled by its owner`;
    case "limited":
      return `${key.name} is limited for ${formatMs(obstacle.untilMs - now)}`;
    case "spent":
      return `${key.name} is spent (${obstacle.reason}), next tried in ${formatMs(obstacle.untilMs - now)}`;
    case "dead":
      return `${key.name} is refused by its provider (${obstacle.reason})`;
    case "unserved-model":
      return `${key.name} may not use this model`;
    case undefined: {
      const opensMs = breakerOpensAt(key.breaker, now);
      if (opensMs === Number.POSITIVE_INFINITY)
        return `the upstream of ${key.name} kept failing, and is tried`;
      if (opensMs > now)
        return `the upstream of ${key.name} keeps failing, and is tried again in ${formatMs(opensMs - now)}`;
      const roomMs = roomAt(key, model, tokens, now);
      if (roomMs <= now)
        return `${key.name} ${failures.size > 0 ? "was not tried" : "is for those who came before"}`;
      return `${key.name} is limited for ${formatMs(Number.isFinite(roomMs) ? roomMs - now : BUSY_MS)}`;
    }
  }
}
