import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import type { KeyState, SetAside } from "../rotation/key-state.ts";
import type { Bounds } from "../rotation/limits/bounds.ts";
import { BoundsRecord, recordBounds, restoreBounds } from "./bounds-record.ts";
import { Amount, Instant } from "./gauge-record.ts";
import { Instants } from "./instants.ts";
import { ModelRecords, recordModels, restoreModels } from "./model-record.ts";

const DeadRecord = Type.Object({
  kind: Type.Literal("dead"),
  reason: Type.String(),
  comeback: Type.Optional(
    Type.Object({ by: Type.Union([Type.Literal("probe"), Type.Literal("trial")]), atMs: Instant }),
  ),
});
const SpentRecord = Type.Object({ kind: Type.Literal("spent"), reason: Type.String(), untilMs: Instant });

/**
 * What lasts of a key. Requests under way and the circuit of its upstream end with the process, and the
 * times to the first byte are soon measured again.
 */
export const KeyRecord = Type.Object({
  disabled: Type.Optional(Type.Boolean()),
  setAside: Type.Optional(Type.Union([DeadRecord, SpentRecord])),
  timesSpent: Amount,
  timesDead: Amount,
  vouchedFor: Type.Boolean(),
  coolUntilMs: Instant,
  refusals: Amount,
  bounds: BoundsRecord,
  models: ModelRecords,
});
export type KeyRecord = Static<typeof KeyRecord>;

/** @param now  epoch milliseconds */
export function recordKey(state: KeyState, bounds: Bounds, now: number): KeyRecord {
  const { disabled, setAside, timesSpent, timesDead, vouchedFor, coolUntilMs, refusals } = state;
  return {
    disabled,
    setAside,
    timesSpent,
    timesDead,
    vouchedFor,
    coolUntilMs,
    refusals,
    bounds: recordBounds(bounds),
    models: recordModels(state, now),
  };
}

/**
 * Adds what was known of a key to its state: no deadline becomes shorter, and what the state has learned
 * itself stands.
 *
 * @param record   as it was read
 * @param savedMs  when it was saved, epoch milliseconds
 * @returns whether it could be understood; nothing is changed where it could not
 */
export function restoreKey(
  state: KeyState,
  bounds: Bounds,
  record: unknown,
  savedMs: number,
  now: number,
): boolean {
  if (!Value.Check(KeyRecord, record)) return false;
  const instants = new Instants(savedMs, now);
  // A key that has served since, or that its provider takes again, is not what it was.
  if (state.lastServedMs < savedMs && !state.vouchedFor) {
    state.setAside ??= restoreSetAside(record.setAside, instants);
    state.vouchedFor = record.vouchedFor;
  }
  state.disabled ||= record.disabled === true;
  state.timesSpent = Math.max(state.timesSpent, record.timesSpent);
  state.timesDead = Math.max(state.timesDead, record.timesDead);
  state.coolUntilMs = Math.max(state.coolUntilMs, instants.deadline(record.coolUntilMs));
  state.refusals = Math.max(state.refusals, record.refusals);
  restoreBounds(bounds, record.bounds, instants, now);
  restoreModels(state, record.models, instants);
  return true;
}

function restoreSetAside(setAside: KeyRecord["setAside"], instants: Instants): SetAside | undefined {
  if (setAside?.kind === "spent") {
    const untilMs = instants.deadline(setAside.untilMs);
    return untilMs === 0 ? undefined : { ...setAside, untilMs };
  }
  if (setAside?.comeback === undefined) return setAside;
  const { kind, reason, comeback } = setAside;
  const atMs = instants.deadline(comeback.atMs);
  // One without a time that can be believed is planned anew.
  return atMs === 0 ? { kind, reason } : { kind, reason, comeback: { ...comeback, atMs } };
}
