import { createBucket, type Gauge } from "./gauge.ts";

/**
 * The pace that a key takes where its provider tells no limits: requests are spread evenly, at a rate
 * that is found by what was accepted between refusals. An even pace fits a bucket and a window alike,
 * since no stretch of time holds more than its share.
 */
export interface Pace {
  readonly gauge: Gauge;
  /** Accepted since the last refusal, and since when. */
  accepted: number;
  sinceMs: number;
  /** Accepted since the rate was last raised. */
  sinceRaise: number;
  /** Two refusals have been seen, so that the time between them measured the rate. */
  measured: boolean;
}

/** A refusal costs little more than its own attempt: just below what was measured. */
const BACK_OFF = 0.97;
/** Additive increase, as a part of the rate. */
const RAISE = 0.01;
/** Before the rate was measured once, it is looked for in larger steps. */
const SEARCH = 0.25;
const RAISE_AFTER = 8;
/** Longer than this the first requests are no burst from a full bucket any more. */
const FIRST_WINDOW_MS = 60_000;
/** What may be sent at once after a pause, as time at the pace. */
const BURST_MS = 250;

/**
 * The pace after a refusal.
 *
 * @param pace      the one in force; undefined at the first refusal
 * @param accepted  requests that the key accepted before, where there was no pace yet
 * @param sinceMs   since when, epoch milliseconds
 * @param restMs    how long the key is to rest, as the provider says; undefined where it does not
 */
export function slowDown(
  pace: Pace | undefined,
  accepted: number,
  sinceMs: number,
  restMs: number | undefined,
  now: number,
): Pace {
  const resumeMs = now + (restMs ?? 0);
  if (pace === undefined) {
    // A window that was used up lasts at least until the end of the rest; without that, a minute is usual.
    const elapsedMs = restMs === undefined ? Math.max(FIRST_WINDOW_MS, now - sinceMs) : resumeMs - sinceMs;
    return paceAt(Math.max(1, accepted) / Math.max(1, elapsedMs), false, resumeMs);
  }
  const elapsedMs = now - pace.sinceMs;
  // Answers to requests that were under way together are one refusal.
  if (pace.accepted === 0 && elapsedMs < 1 / pace.gauge.perMs) return pace;
  // The rest counts in: a window that is used up early serves no more until its end.
  const measured = pace.accepted / Math.max(1, resumeMs - pace.sinceMs);
  const perMs = Math.min(pace.gauge.perMs, Math.max(measured, pace.gauge.perMs / 2)) * BACK_OFF;
  return paceAt(perMs, true, resumeMs);
}

/** One more accepted: after a few, a little faster. */
export function speedUp(pace: Pace): void {
  pace.accepted += 1;
  pace.sinceRaise += 1;
  if (pace.sinceRaise < RAISE_AFTER) return;
  pace.sinceRaise = 0;
  pace.gauge.perMs *= 1 + (pace.measured ? RAISE : SEARCH);
  pace.gauge.limit = burstOf(pace.gauge.perMs);
}

/** @param resumeMs  when the key may be used again, from which on it is measured */
function paceAt(perMs: number, measured: boolean, resumeMs: number): Pace {
  const gauge = createBucket(burstOf(perMs), perMs, resumeMs);
  gauge.remaining = 0;
  return { gauge, accepted: 0, sinceMs: resumeMs, sinceRaise: 0, measured };
}

function burstOf(perMs: number): number {
  return Math.max(1, perMs * BURST_MS);
}
