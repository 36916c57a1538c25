import type { Outcome } from "../providers/outcome.ts";
import { learn } from "../rotation/learn.ts";
import type { Exchange } from "./exchange.ts";
import type { UpstreamKey } from "./runtime.ts";

/** Writes the outcome into the key's state, and a line for its owner when that changed. */
export function learnAndTell(exchange: Exchange, key: UpstreamKey, outcome: Outcome): void {
  const now = Date.now();
  const change = learn(key.state, exchange.model, outcome, now, Math.random);
  if (change === undefined) return;
  exchange.log.key({
    at: now,
    level: change.kind === "dead" ? "error" : change.kind === "recovered" ? "info" : "warn",
    key: key.name,
    model: KEY_WIDE.has(change.kind) ? "" : exchange.model,
    state: change.kind,
    untilMs: change.untilMs,
    reason: change.reason,
  });
}

const KEY_WIDE: ReadonlySet<string> = new Set(["dead", "spent", "suspect", "recovered"]);
