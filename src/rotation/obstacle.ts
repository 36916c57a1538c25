import type { KeyState } from "./key-state.ts";
import { trialAt } from "./trial.ts";

/** Why a key cannot serve a model now. `untilMs` is the epoch millisecond from which it may. */
export type Obstacle =
  /** Until its owner enables it again, which no time tells. */
  | { readonly kind: "disabled"; readonly untilMs: number }
  | { readonly kind: "dead"; readonly reason: string }
  | { readonly kind: "spent"; readonly reason: string; readonly untilMs: number }
  | { readonly kind: "unserved-model"; readonly untilMs: number }
  | { readonly kind: "limited"; readonly untilMs: number };

/** What stands in the way of this key serving this model now; undefined where nothing does. */
export function obstacleOf(key: KeyState, model: string, now: number): Obstacle | undefined {
  if (key.disabled) return { kind: "disabled", untilMs: Number.POSITIVE_INFINITY };
  const { setAside } = key;
  if (setAside?.kind === "dead" && trialAt(setAside) > now) return setAside;
  const onModel = key.byModel.get(model);
  const coolUntilMs = Math.max(key.coolUntilMs, onModel?.coolUntilMs ?? 0);
  if (setAside?.kind === "spent" && setAside.untilMs > now) {
    return { ...setAside, untilMs: Math.max(setAside.untilMs, coolUntilMs) };
  }
  if (onModel !== undefined && onModel.unservedUntilMs > now) {
    return { kind: "unserved-model", untilMs: onModel.unservedUntilMs };
  }
  return coolUntilMs > now ? { kind: "limited", untilMs: coolUntilMs } : undefined;
}
