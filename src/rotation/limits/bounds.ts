import type { LimitsConfig } from "../../config/config.ts";
import { createBucket, createWindow, fitsAt, type Gauge, take } from "./gauge.ts";

/** What an owner allows a key or a client, whatever the model and whatever the provider would. */
export interface Bounds {
  /** Buckets: a whole minute's at once, and they come back evenly. */
  readonly rpm: Gauge | undefined;
  readonly tpm: Gauge | undefined;
  /** A window: a bucket would let twice as many through in its first day. */
  readonly rpd: Gauge | undefined;
  readonly concurrency: number;
  /** Grows with every change: see `KeyState`. */
  revision: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export function createBounds(limits: LimitsConfig, now: number): Bounds {
  const bucket = (limit: number | undefined) =>
    limit === undefined ? undefined : createBucket(limit, limit / MINUTE_MS, now);
  return {
    rpm: bucket(limits.rpm),
    tpm: bucket(limits.tpm),
    rpd: limits.rpd === undefined ? undefined : createWindow(limits.rpd, DAY_MS, now),
    concurrency: limits.concurrency ?? Number.POSITIVE_INFINITY,
    revision: 0,
  };
}

/**
 * When one more request of so many tokens is within the bounds, epoch milliseconds; `now` where it is
 * already, Infinity where only the end of another request makes room.
 */
export function boundsFitAt(bounds: Bounds, inFlight: number, tokens: number, now: number): number {
  if (inFlight >= bounds.concurrency) return Number.POSITIVE_INFINITY;
  let at = now;
  if (bounds.rpm !== undefined) at = Math.max(at, fitsAt(bounds.rpm, 1, now));
  if (bounds.rpd !== undefined) at = Math.max(at, fitsAt(bounds.rpd, 1, now));
  if (bounds.tpm !== undefined) at = Math.max(at, fitsAt(bounds.tpm, tokens, now));
  return at;
}

export function takeFromBounds(bounds: Bounds, tokens: number, now: number): void {
  bounds.revision += 1;
  if (bounds.rpm !== undefined) take(bounds.rpm, 1, now);
  if (bounds.rpd !== undefined) take(bounds.rpd, 1, now);
  if (bounds.tpm !== undefined) take(bounds.tpm, tokens, now);
}

/** Corrects the estimate by what the answer says was used. */
export function settleTokens(bounds: Bounds, reserved: number, used: number, now: number): void {
  bounds.revision += 1;
  if (bounds.tpm !== undefined) take(bounds.tpm, used - reserved, now);
}
