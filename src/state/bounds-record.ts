import { type Static, Type } from "@sinclair/typebox";

import type { Bounds } from "../rotation/limits/bounds.ts";
import { available, type Gauge, take } from "../rotation/limits/gauge.ts";
import { Capacity, Instant } from "./gauge-record.ts";
import type { Instants } from "./instants.ts";

/** What is left of a bound, at the last time that something was taken from it, and when a window of it ends. */
const BoundRecord = Type.Object({
  limit: Capacity,
  remaining: Type.Number(),
  atMs: Instant,
  resetAtMs: Type.Optional(Instant),
});
type BoundRecord = Static<typeof BoundRecord>;

/** What a key or a client has used of the limits that the configuration gives it. */
export const BoundsRecord = Type.Object({
  rpm: Type.Optional(BoundRecord),
  tpm: Type.Optional(BoundRecord),
  rpd: Type.Optional(BoundRecord),
});
export type BoundsRecord = Static<typeof BoundsRecord>;

export function recordBounds({ rpm, tpm, rpd }: Bounds): BoundsRecord {
  return {
    rpm: rpm && recordBound(rpm),
    tpm: tpm && recordBound(tpm),
    rpd: rpd && recordBound(rpd),
  };
}

function recordBound({ refill, limit, remaining, atMs, resetAtMs }: Gauge): BoundRecord {
  return refill === "window" ? { limit, remaining, atMs, resetAtMs } : { limit, remaining, atMs };
}

/** Takes from the bounds what was used of them before; a bound of another size than then begins anew. */
export function restoreBounds(bounds: Bounds, record: BoundsRecord, instants: Instants, now: number): void {
  restore(bounds.rpm, record.rpm, instants, now);
  restore(bounds.tpm, record.tpm, instants, now);
  restore(bounds.rpd, record.rpd, instants, now);
}

function restore(
  gauge: Gauge | undefined,
  record: BoundRecord | undefined,
  instants: Instants,
  now: number,
): void {
  if (gauge === undefined || record === undefined || gauge.limit !== record.limit) return;
  const before: Gauge = {
    ...gauge,
    remaining: record.remaining,
    atMs: instants.past(record.atMs),
    resetAtMs: Math.min(now + gauge.windowMs, instants.deadline(record.resetAtMs ?? 0)),
  };
  if (!instants.isBelievable(before)) return;
  if (gauge.refill === "window" && now >= before.resetAtMs) return;
  take(gauge, gauge.limit - available(before, now), now);
  // The window began with what was used before.
  gauge.resetAtMs = before.resetAtMs;
}
