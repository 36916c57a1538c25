import type { Outcome } from "../providers/outcome.ts";
import { probeAt, spentUntil } from "./cooldown.ts";
import type { Comeback, KeyState } from "./key-state.ts";
import type { KeyChange } from "./learn.ts";

/** What a provider's answer to a free call says of the key that the call was made with. */
export type Verdict =
  /** It takes the key. */
  | "taken"
  | "refused"
  /** Nothing: it has no such call, or answers it without a key as well. */
  | "untold"
  /** The question did not get through, or met a limit. */
  | "trouble";

/** @param status  of the answer; undefined where there was none */
export function verdictOf(outcome: Outcome, status: number | undefined): Verdict {
  switch (outcome.kind) {
    case "served":
    // A key without a scope, or without money, is known all the same.
    case "unserved-model":
    case "spent":
      return "taken";
    case "dead":
      return "refused";
    case "client-error":
      return "untold";
    case "limited":
    case "overloaded":
    case "abandoned":
      return "trouble";
    case "upstream-failure":
      // A 403 without words that we know: on a call without content it can be about nothing but the key.
      return status === 403 ? "refused" : "trouble";
  }
}

/**
 * Writes what a probe taught into the state of a dead key, with the plan of what comes next.
 *
 * @param firstMs  before the first probe of a key that was found dead once
 * @returns that the key is back, where it is
 */
export function learnVerdict(
  key: KeyState,
  verdict: Verdict,
  firstMs: number,
  now: number,
  random: () => number,
): KeyChange | undefined {
  if (key.setAside?.kind !== "dead") return undefined;
  key.revision += 1;
  if (verdict === "taken") {
    key.setAside = undefined;
    key.vouchedFor = true;
    key.returnedMs = now;
    return { kind: "recovered" };
  }
  if (verdict === "refused") key.timesDead += 1;
  const comeback = verdict === "untold" ? laterTrial(key, now) : laterProbe(key, firstMs, now, random);
  key.setAside = { ...key.setAside, comeback };
  return undefined;
}

export function laterProbe(key: KeyState, firstMs: number, now: number, random: () => number): Comeback {
  return { by: "probe", atMs: probeAt(now, firstMs, Math.max(1, key.timesDead), random) };
}

/** A trial costs a client's request a further attempt, so it is as rare as that of a spent key. */
export function laterTrial(key: KeyState, now: number): Comeback {
  return { by: "trial", atMs: spentUntil(now, undefined, Math.max(1, key.timesDead)) };
}
