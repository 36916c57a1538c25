import { type Static, Type } from "@sinclair/typebox";

import { createBucket, type Gauge } from "../rotation/limits/gauge.ts";
import type { Pace } from "../rotation/limits/pace.ts";
import { type Instants, MAX_AHEAD_MS } from "./instants.ts";

export const Instant = Type.Number({ minimum: 0 });
export const Amount = Type.Number({ minimum: 0 });
export const Capacity = Type.Number({ exclusiveMinimum: 0 });

/** A learned limit. What answers are told apart by, serial numbers and first tellings, ends with the process. */
export const GaugeRecord = Type.Object({
  refill: Type.Union([Type.Literal("bucket"), Type.Literal("window")]),
  limit: Capacity,
  remaining: Type.Number(),
  atMs: Instant,
  perMs: Amount,
  resetAtMs: Instant,
  windowMs: Type.Number({ minimum: 0, maximum: MAX_AHEAD_MS }),
});
export type GaugeRecord = Static<typeof GaugeRecord>;

export const PaceRecord = Type.Object({
  gauge: GaugeRecord,
  accepted: Amount,
  sinceMs: Instant,
  sinceRaise: Amount,
  measured: Type.Boolean(),
  guessed: Type.Optional(Type.Boolean()),
});
export type PaceRecord = Static<typeof PaceRecord>;

export function recordGauge(gauge: Gauge): GaugeRecord {
  const { refill, limit, remaining, atMs, perMs, resetAtMs, windowMs } = gauge;
  return { refill, limit, remaining, atMs, perMs, resetAtMs, windowMs };
}

export function recordPace({ gauge, accepted, sinceMs, sinceRaise, measured, guessed }: Pace): PaceRecord {
  return { gauge: recordGauge(gauge), accepted, sinceMs, sinceRaise, measured, guessed };
}

/** @returns undefined where it cannot be true */
export function restoreGauge(record: GaugeRecord | undefined, instants: Instants): Gauge | undefined {
  if (record === undefined) return undefined;
  const { limit, perMs } = record;
  const gauge: Gauge = {
    ...createBucket(limit, perMs, 0),
    refill: record.refill,
    remaining: Math.min(limit, record.remaining),
    atMs: instants.deadline(record.atMs),
    resetAtMs: instants.deadline(record.resetAtMs),
    windowMs: record.windowMs,
  };
  return instants.isBelievable(gauge) ? gauge : undefined;
}

/** @returns undefined where it cannot be true */
export function restorePace(record: PaceRecord | undefined, instants: Instants): Pace | undefined {
  const gauge = restoreGauge(record?.gauge, instants);
  if (record === undefined || gauge === undefined) return undefined;
  const { accepted, sinceRaise, measured, guessed = false } = record;
  const sinceMs = instants.deadline(record.sinceMs);
  const raise = { sinceRaise, raisedMs: sinceMs, acceptedBefore: 0, raises: 0 };
  // Every answer from now on is of a request that was sent after the last refusal.
  return { gauge, accepted, sinceMs, ...raise, measured, guessed, serial: 0 };
}
