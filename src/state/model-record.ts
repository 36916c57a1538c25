import { type Static, Type } from "@sinclair/typebox";

import { type KeyState, type ModelState, modelStateOf } from "../rotation/key-state.ts";
import {
  Amount,
  GaugeRecord,
  Instant,
  PaceRecord,
  recordGauge,
  recordPace,
  restoreGauge,
  restorePace,
} from "./gauge-record.ts";
import type { Instants } from "./instants.ts";

/** Models come from clients: longer names and more of them than any provider has are not kept. */
const MAX_NAME_LENGTH = 256;
const MAX_MODELS = 200;

/** How long a limit that is not used stays worth knowing. */
const KEEP_MS = 7 * 86_400_000;

/** What is known of one model on one key. */
const ModelRecord = Type.Object({
  model: Type.String({ maxLength: MAX_NAME_LENGTH }),
  coolUntilMs: Instant,
  refusals: Amount,
  unservedUntilMs: Instant,
  requests: Type.Optional(GaugeRecord),
  tokens: Type.Optional(GaugeRecord),
  pace: Type.Optional(PaceRecord),
  tokenPace: Type.Optional(PaceRecord),
});
type ModelRecord = Static<typeof ModelRecord>;

export const ModelRecords = Type.Array(ModelRecord, { maxItems: MAX_MODELS });

/** The models of which something is worth keeping, those last used if there are too many. */
export function recordModels({ byModel }: KeyState, now: number): ModelRecord[] {
  const worthy: { usedMs: number; record: ModelRecord }[] = [];
  for (const [model, state] of byModel) {
    const usedMs = usedAt(state, now);
    if (usedMs <= now - KEEP_MS || model.length > MAX_NAME_LENGTH) continue;
    worthy.push({ usedMs, record: recordModel(model, state) });
  }
  if (worthy.length > MAX_MODELS) worthy.sort((a, b) => b.usedMs - a.usedMs);
  return worthy.slice(0, MAX_MODELS).map(({ record }) => record);
}

/** The last instant that what is known speaks of; 0 where nothing is known. */
function usedAt({ meter, coolUntilMs, unservedUntilMs }: ModelState, now: number): number {
  const { requests, tokens, pace, tokenPace } = meter;
  return Math.max(
    coolUntilMs,
    // Once it is over there is nothing left of it.
    unservedUntilMs > now ? unservedUntilMs : 0,
    requests?.atMs ?? 0,
    tokens?.atMs ?? 0,
    pace?.gauge.atMs ?? 0,
    tokenPace?.gauge.atMs ?? 0,
  );
}

function recordModel(model: string, state: ModelState): ModelRecord {
  const { meter, coolUntilMs, refusals, unservedUntilMs } = state;
  return {
    model,
    coolUntilMs,
    refusals,
    unservedUntilMs,
    requests: meter.requests && recordGauge(meter.requests),
    tokens: meter.tokens && recordGauge(meter.tokens),
    pace: meter.pace && recordPace(meter.pace),
    tokenPace: meter.tokenPace && recordPace(meter.tokenPace),
  };
}

/** Adds what was known to the key's state: no deadline becomes shorter, and what it has learned itself stands. */
export function restoreModels(key: KeyState, records: readonly ModelRecord[], instants: Instants): void {
  for (const record of records) {
    const state = modelStateOf(key, record.model);
    const { meter } = state;
    state.coolUntilMs = Math.max(state.coolUntilMs, instants.deadline(record.coolUntilMs));
    state.unservedUntilMs = Math.max(state.unservedUntilMs, instants.deadline(record.unservedUntilMs));
    state.refusals = Math.max(state.refusals, record.refusals);
    meter.requests ??= restoreGauge(record.requests, instants);
    meter.tokens ??= restoreGauge(record.tokens, instants);
    if (meter.requests === undefined) meter.pace ??= restorePace(record.pace, instants);
    if (meter.tokens === undefined) meter.tokenPace ??= restorePace(record.tokenPace, instants);
  }
}
