import { type Static, Type } from "@sinclair/typebox";

import type { Bounds } from "../rotation/limits/bounds.ts";
import { KEPT_PARTS, type SlidingWindow, type Taken } from "../rotation/limits/sliding-window.ts";
import { Amount, Capacity, Instant } from "./gauge-record.ts";
import type { Instants } from "./instants.ts";

/** What was taken of a bound, each with its instant, oldest first. */
const BoundRecord = Type.Object({
  taken: Type.Array(Type.Tuple([Instant, Amount]), { maxItems: KEPT_PARTS + 1 }),
});

/** As bounds were kept before they were sliding windows: what was left when something was last taken. */
const FormerBoundRecord = Type.Object({ limit: Capacity, remaining: Type.Number(), atMs: Instant });

const AnyBoundRecord = Type.Union([BoundRecord, FormerBoundRecord]);
type AnyBoundRecord = Static<typeof AnyBoundRecord>;

/** What a key or a client has used of the limits that the configuration gives it. */
export const BoundsRecord = Type.Object({
  rpm: Type.Optional(AnyBoundRecord),
  tpm: Type.Optional(AnyBoundRecord),
  rpd: Type.Optional(AnyBoundRecord),
});
export type BoundsRecord = Static<typeof BoundsRecord>;

export function recordBounds({ rpm, tpm, rpd }: Bounds): BoundsRecord {
  return { rpm: rpm && recordBound(rpm), tpm: tpm && recordBound(tpm), rpd: rpd && recordBound(rpd) };
}

function recordBound(bound: SlidingWindow): Static<typeof BoundRecord> {
  return { taken: bound.kept().map(({ atMs, amount }) => [atMs, amount]) };
}

/** Takes from the bounds what was used of them before, whatever their limits were then. */
export function restoreBounds(bounds: Bounds, record: BoundsRecord, instants: Instants, now: number): void {
  restore(bounds.rpm, record.rpm, instants, now);
  restore(bounds.tpm, record.tpm, instants, now);
  restore(bounds.rpd, record.rpd, instants, now);
}

function restore(
  bound: SlidingWindow | undefined,
  record: AnyBoundRecord | undefined,
  instants: Instants,
  now: number,
): void {
  if (bound === undefined || record === undefined) return;
  const taken = takenOf(record).map(({ atMs, amount }) => ({ atMs: instants.past(atMs), amount }));
  bound.restore(taken, now);
}

function takenOf(record: AnyBoundRecord): Taken[] {
  if ("taken" in record) return record.taken.map(([atMs, amount]) => ({ atMs, amount }));
  return [{ atMs: record.atMs, amount: record.limit - record.remaining }];
}
