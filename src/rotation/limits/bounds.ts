import type { LimitsConfig } from "../../config/config.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** What an owner allows a key or a client, whatever the model and whatever the provider would. */
export interface Bounds {
  rpm: SlidingWindow | undefined;
  tpm: SlidingWindow | undefined;
  rpd: SlidingWindow | undefined;
  concurrency: number;
  /** By so much the windows are longer than the stretches of time that they are for. */
  readonly marginMs: number;
  /** Grows with every change: see `KeyState`. */
  revision: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Of a key: its upstream counts a request when it gets there, which is later than it was picked, and the
 * first ones over new connections (DNS, TCP, TLS) later than those that follow them. A place that came back
 * 60 s after it was picked would be used less than 60 s after the upstream had counted it.
 */
export const WAY_MS = 1_000;

/** Of a client, which is counted here: `Date.now()` cuts off the parts of a millisecond. */
export const CLOCK_MS = 1;

/** @param marginMs  of a key's bounds unless it is said */
export function createBounds(limits: LimitsConfig, marginMs = WAY_MS): Bounds {
  const bounds: Bounds = {
    rpm: undefined,
    tpm: undefined,
    rpd: undefined,
    concurrency: Number.POSITIVE_INFINITY,
    marginMs,
    revision: 0,
  };
  changeBounds(bounds, limits);
  return bounds;
}

/** What was used of a bound that there was before counts on, whatever its limit is now. */
export function changeBounds(bounds: Bounds, { rpm, tpm, rpd, concurrency }: LimitsConfig): void {
  bounds.rpm = changeWindow(bounds.rpm, rpm, MINUTE_MS + bounds.marginMs);
  bounds.tpm = changeWindow(bounds.tpm, tpm, MINUTE_MS + bounds.marginMs);
  bounds.rpd = changeWindow(bounds.rpd, rpd, DAY_MS + bounds.marginMs);
  bounds.concurrency = concurrency ?? Number.POSITIVE_INFINITY;
}

function changeWindow(
  window: SlidingWindow | undefined,
  limit: number | undefined,
  lengthMs: number,
): SlidingWindow | undefined {
  if (limit === undefined) return undefined;
  if (window === undefined) return new SlidingWindow(limit, lengthMs);
  window.limit = limit;
  return window;
}

/**
 * When one more request of so many tokens is within the bounds, epoch milliseconds; `now` where it is
 * already, Infinity where only the end of another request makes room.
 */
export function boundsFitAt(bounds: Bounds, inFlight: number, tokens: number, now: number): number {
  if (inFlight >= bounds.concurrency) return Number.POSITIVE_INFINITY;
  let at = now;
  if (bounds.rpm !== undefined) at = Math.max(at, bounds.rpm.fitsAt(1, now));
  if (bounds.rpd !== undefined) at = Math.max(at, bounds.rpd.fitsAt(1, now));
  if (bounds.tpm !== undefined) at = Math.max(at, bounds.tpm.fitsAt(tokens, now));
  return at;
}

export function takeFromBounds(bounds: Bounds, tokens: number, now: number): void {
  bounds.revision += 1;
  bounds.rpm?.take(1, now);
  bounds.rpd?.take(1, now);
  bounds.tpm?.take(tokens, now);
}

/**
 * Corrects the estimate by what the answer says was used: less was never taken, more counts from now on.
 *
 * @param takenMs  when the estimate was taken, epoch milliseconds
 */
export function settleTokens(
  bounds: Bounds,
  reserved: number,
  takenMs: number,
  used: number,
  now: number,
): void {
  bounds.revision += 1;
  if (used > reserved) bounds.tpm?.take(used - reserved, now);
  else bounds.tpm?.giveBack(reserved - used, takenMs, now);
}
