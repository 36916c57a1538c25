import { createMeter } from "./limits/meter.ts";
import type { KeyState, RotationKey } from "./key-state.ts";
import { wakeAll } from "./roster.ts";

/** What the owner of a key may do to it while it serves. */
export const HAND_ACTIONS = ["enable", "disable", "reset"] as const;
export type HandAction = (typeof HAND_ACTIONS)[number];

/** @returns whether anything is another than before */
export function actByHand(key: RotationKey, action: HandAction): boolean {
  const changed = action === "reset" ? forget(key.state) : setDisabled(key.state, action === "disable");
  if (changed) {
    key.state.revision += 1;
    wakeAll(key.sleepers);
  }
  return changed;
}

/** Requests under way go on; no other is sent on the key. */
function setDisabled(state: KeyState, disabled: boolean): boolean {
  const changed = state.disabled !== disabled;
  state.disabled = disabled;
  return changed;
}

/**
 * As if the key were new: cooldowns, what set it aside, and what is believed of its limits are gone. Its
 * requests under way stay counted, and so does what it used of the limits that the configuration names.
 */
function forget(state: KeyState): boolean {
  state.setAside = undefined;
  state.timesSpent = 0;
  state.timesDead = 0;
  state.vouchedFor = false;
  state.returnedMs = 0;
  state.coolUntilMs = 0;
  state.refusals = 0;
  state.ttfbMs = 0;
  state.suspect = false;
  for (const model of state.byModel.values()) {
    model.coolUntilMs = 0;
    model.refusals = 0;
    model.unservedUntilMs = 0;
    const { sent, sentTokens } = model.meter;
    // An answer that is under way finds its place by these.
    Object.assign(model.meter, createMeter(), { sent, sentTokens });
  }
  return true;
}
