import type { Log } from "../observe/log.ts";
import type { Outcome } from "../providers/outcome.ts";
import { type KeyChange, learn } from "../rotation/learn.ts";
import type { Exchange } from "./exchange.ts";
import type { UpstreamKey } from "./runtime.ts";

/** Writes the outcome into the key's state, and a line for its owner when that changed. */
export function learnAndTell(exchange: Exchange, key: UpstreamKey, outcome: Outcome): void {
  const now = Date.now();
  const change = learn(key.state, exchange.model, outcome, now, Math.random);
  if (change !== undefined) tellChange(exchange.log, key.name, exchange.model, change, now);
}

/** @param key  its name */
export function tellChange(log: Log, key: string, model: string, change: KeyChange, now: number): void {
  log.key({
    at: now,
    level: change.kind === "dead" ? "error" : change.kind === "recovered" ? "info" : "warn",
    key,
    model: KEY_WIDE.has(change.kind) ? "" : model,
    state: change.kind,
    untilMs: change.untilMs,
    reason: change.reason,
  });
}

const KEY_WIDE: ReadonlySet<string> = new Set(["dead", "spent", "suspect", "recovered"]);
