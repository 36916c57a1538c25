import { formatMs } from "../observe/format-ms.ts";
import type { OwnError } from "../providers/error-format.ts";
import { type Obstacle, obstacleOf } from "../rotation/obstacle.ts";
import type { Pool } from "../rotation/pool.ts";
import { roomAt } from "../rotation/reserve.ts";
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
  const keys = pool.tiers.flatMap((tier) => tier.keys);
  const model = pool.model === "" ? "this request" : `the model "${pool.model}"`;
  if (keys.length === 0) {
    const message = `No key that speaks this API serves ${model}. Name it under "models" of one; "others" stands for every model that no key of any API names.`;
    return {
      error: { status: 404, code: "model_not_found", message, param: "model" },
      retryAfterMs: undefined,
    };
  }

  const obstacles = keys.map((key) => ({ key, obstacle: obstacleNow(key, pool.model, tokens, now) }));
  // Those that failed just now say the most.
  const told = obstacles
    .toSorted((a, b) => Number(failures.has(b.key)) - Number(failures.has(a.key)))
    .slice(0, MAX_NAMED_KEYS)
    .map(({ key, obstacle }) => tell(key, obstacle, failures.get(key), now));
  const more = keys.length > MAX_NAMED_KEYS ? `; and ${keys.length - MAX_NAMED_KEYS} more` : "";
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
  const untils = obstacles.flatMap(({ obstacle }) =>
    obstacle?.kind === "limited" || obstacle?.kind === "spent" ? [obstacle.untilMs] : [],
  );
  if (untils.length > 0) {
    const retryAfterMs = Math.max(1, Math.min(...untils) - now);
    return { error: { status: 429, code: "rate_limit_exceeded", message }, retryAfterMs };
  }
  if (obstacles.every(({ obstacle }) => obstacle?.kind === "unserved-model")) {
    return {
      error: { status: 404, code: "model_not_found", message, param: "model" },
      retryAfterMs: undefined,
    };
  }
  return { error: { status: 503, code: "no_usable_key", message }, retryAfterMs: undefined };
}

function tell(
  key: UpstreamKey,
  obstacle: Obstacle | undefined,
  failure: string | undefined,
  now: number,
): string {
  if (failure !== undefined) return `${key.name} failed (${failure})`;
  switch (obstacle?.kind) {
    case "limited":
      return `${key.name} is limited for ${formatMs(obstacle.untilMs - now)}`;
    case "spent":
      return `${key.name} is spent (${obstacle.reason}), next tried in ${formatMs(obstacle.untilMs - now)}`;
    case "dead":
      return `${key.name} is refused by its provider (${obstacle.reason})`;
    case "unserved-model":
      return `${key.name} may not use this model`;
    case undefined:
      return `${key.name} was not tried`;
  }
}

/** As `obstacleOf`, with the want of room for this request as a limit of its own. */
function obstacleNow(key: UpstreamKey, model: string, tokens: number, now: number): Obstacle | undefined {
  const obstacle = obstacleOf(key.state, model, now);
  const untilMs = roomAt(key, model, tokens, now);
  if (obstacle !== undefined || untilMs <= now) return obstacle;
  return { kind: "limited", untilMs: Number.isFinite(untilMs) ? untilMs : now + BUSY_MS };
}

/** When to come back to a key that has all it can do under way is anybody's guess. */
const BUSY_MS = 1_000;
