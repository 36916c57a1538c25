import type { LimitsConfig } from "../../config/config.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** What an owner allows a key or a client, whatever the model and whatever the provider would. */
export interface Bounds {
  readonly rpm: SlidingWindow | undefined;
  readonly tpm: SlidingWindow | undefined;
  readonly rpd: SlidingWindow | undefined;
  readonly concurrency: number;
  /** Grows with every change: see `KeyState`. */
  revision: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export function createBounds({ rpm, tpm, rpd, concurrency }: LimitsConfig): Bounds {
  return {
    rpm: rpm === undefined ? undefined : new SlidingWindow(rpm, MINUTE_MS),
    tpm: tpm === undefined ? undefined : new SlidingWindow(tpm, MINUTE_MS),
    rpd: rpd === undefined ? undefined : new SlidingWindow(rpd, DAY_MS),
    concurrency: concurrency ?? Number.POSITIVE_INFINITY,
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
