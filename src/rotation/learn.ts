import type { Outcome } from "../providers/outcome.ts";
import { laterTrial } from "./comeback.ts";
import { coolUntil, overloadedUntil, spentUntil, UNSERVED_MS } from "./cooldown.ts";
import { type KeyState, modelStateOf, type SetAside } from "./key-state.ts";
import { trialAt } from "./trial.ts";

/** A change of a key's state that its owner may want to read of. */
export interface KeyChange {
  readonly kind: "limited" | "overloaded" | "spent" | "dead" | "unserved-model" | "suspect" | "recovered";
  /** Epoch milliseconds until which it lasts; undefined where no time ends it. */
  readonly untilMs?: number;
  readonly reason?: string;
}

/** A 401 without a word that we know counts only when the key has not just proved that it is good. */
const TRUST_MS = 60_000;

/**
 * Writes what an attempt taught into the key's state.
 *
 * @param key     changed in place
 * @param model   the model that the request named, "" for none
 * @param now     epoch milliseconds
 * @param random  uniform in [0, 1)
 * @returns the change, where the key's state is another one than before; undefined where it is not
 */
export function learn(
  key: KeyState,
  model: string,
  outcome: Outcome,
  now: number,
  random: () => number,
): KeyChange | undefined {
  const { kind } = outcome;
  if (kind === "client-error" || kind === "upstream-failure" || kind === "abandoned") return undefined;
  key.revision += 1;
  switch (outcome.kind) {
    case "served":
      return learnServed(key, model, now);
    case "limited": {
      const state = outcome.scope === "key" ? key : modelStateOf(key, model);
      const wasCooling = state.coolUntilMs > now;
      // Answers to requests that were under way together are one refusal, not a row of them.
      if (!wasCooling || state.refusals === 0) state.refusals += 1;
      state.coolUntilMs = coolUntil(now, state.coolUntilMs, outcome.retryAfterMs, state.refusals, random);
      return wasCooling
        ? undefined
        : { kind: "limited", untilMs: state.coolUntilMs, reason: whyLimited(outcome) };
    }
    case "overloaded": {
      const state = modelStateOf(key, model);
      const wasCooling = state.coolUntilMs > now;
      state.coolUntilMs = overloadedUntil(now, state.coolUntilMs, outcome.retryAfterMs, random);
      const reason = "its provider is short of capacity";
      return wasCooling ? undefined : { kind: "overloaded", untilMs: state.coolUntilMs, reason };
    }
    case "spent": {
      const { setAside } = key;
      if (isHeldBack(setAside, now)) {
        const statedMs = now + (outcome.retryAfterMs ?? 0);
        if (setAside.kind === "spent" && statedMs > setAside.untilMs)
          key.setAside = { ...setAside, untilMs: statedMs };
        return undefined;
      }
      key.timesSpent += 1;
      const untilMs = spentUntil(now, outcome.retryAfterMs, key.timesSpent);
      key.setAside = { kind: "spent", reason: outcome.reason, untilMs };
      return { kind: "spent", untilMs, reason: outcome.reason };
    }
    case "dead": {
      const wasDead = key.setAside?.kind === "dead";
      if (wasDead && isHeldBack(key.setAside, now)) return undefined;
      if (!outcome.certain && !key.suspect && now - key.lastServedMs < TRUST_MS) {
        key.suspect = true;
        return { kind: "suspect", reason: outcome.reason };
      }
      key.timesDead += 1;
      key.setAside = { kind: "dead", reason: outcome.reason };
      // A free call that spoke for a key which is refused all the same, or could not tell, is not asked again.
      if (wasDead || key.vouchedFor) key.setAside = { ...key.setAside, comeback: laterTrial(key, now) };
      return wasDead ? undefined : { kind: "dead", reason: outcome.reason };
    }
    case "unserved-model": {
      // Where the request names none it asked about a model, or was beyond the key's scope: no other such request is.
      if (model === "") return undefined;
      const state = modelStateOf(key, model);
      const known = state.unservedUntilMs > now;
      state.unservedUntilMs = now + UNSERVED_MS;
      const reason = "its provider does not serve the model to it";
      return known ? undefined : { kind: "unserved-model", untilMs: state.unservedUntilMs, reason };
    }
  }
}

function whyLimited({ counts, retryAfterMs }: Extract<Outcome, { kind: "limited" }>): string {
  const what = counts === "tokens" ? "too many tokens" : "too many requests";
  return retryAfterMs === undefined ? `${what}, no time told` : `${what}, time told by its provider`;
}

/** Whether a key is set aside and no client's request may try it yet. */
function isHeldBack(setAside: SetAside | undefined, now: number): setAside is SetAside {
  return setAside !== undefined && trialAt(setAside) > now;
}

/** A served request clears what was held against the key, but no deadline: it may be older than that. */
function learnServed(key: KeyState, model: string, now: number): KeyChange | undefined {
  key.lastServedMs = now;
  key.suspect = false;
  if (key.coolUntilMs <= now) key.refusals = 0;
  const onModel = key.byModel.get(model);
  if (onModel !== undefined && onModel.coolUntilMs <= now) onModel.refusals = 0;
  if (isHeldBack(key.setAside, now)) return undefined;
  key.timesDead = 0;
  key.vouchedFor = false;
  if (key.setAside === undefined) return undefined;
  key.setAside = undefined;
  key.timesSpent = 0;
  key.returnedMs = now;
  return { kind: "recovered" };
}
