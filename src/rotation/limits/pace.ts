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
  /** Of the last request sent before the refusal: answers up to it are of the burst that was refused. */
  readonly serial: number;
}

/** A refusal costs little more than its own attempt: just below what was measured. */
const BACK_OFF = 0.97;
/** Additive increase, as a part of the rate. */
const RAISE = 0.01;
/** Before the rate was measured once, it is looked for in larger steps. */
const SEARCH = 0.25;
const RAISE_AFTER = 8;
/** Between two requests, where nothing at all is known. */
const GUESS_MS = 1_000;
/** What providers count by, mostly. */
export const WINDOW_MS = 60_000;
/** What may be sent at once after a pause, as time at the pace. */
const BURST_MS = 250;

/** What a key took before it first refused: the last minute's requests, as far as they are known. */
export interface Recent {
  /** In the stretch of up to a minute that began at `sinceMs`. */
  readonly accepted: number;
  readonly sinceMs: number;
  /** In the whole minute before. */
  readonly before: number;
}

/**
 * The pace from the first refusal on.
 *
 * @param restMs  how long the key is to rest, as the provider says; undefined where it does not
 * @param serial  of the last request that was sent
 */
export function firstPace(recent: Recent, restMs: number | undefined, serial: number, now: number): Pace {
  const resumeMs = now + (restMs ?? 0);
  if (recent.accepted === 0 || now - recent.sinceMs >= 2 * WINDOW_MS) {
    // Refused before it served anything, or long after: one request for each rest, until more is known.
    return paceAt(1 / Math.max(GUESS_MS, restMs ?? 0), false, serial, resumeMs);
  }
  // A window that was used up lasts at least until the end of the rest; without that, a minute is usual.
  const elapsedMs = restMs === undefined ? WINDOW_MS : Math.max(1, resumeMs - recent.sinceMs);
  const perMs = Math.max(recent.accepted / elapsedMs, recent.before / WINDOW_MS);
  return paceAt(perMs, false, serial, resumeMs);
}

/** The pace after a further refusal; see `firstPace` for the arguments. */
export function slowDown(pace: Pace, restMs: number | undefined, serial: number, now: number): Pace {
  const resumeMs = now + (restMs ?? 0);
  const { gauge } = pace;
  if (pace.accepted === 0 || now - pace.sinceMs < 1 / gauge.perMs) {
    // The rest of a window that is used up: it says nothing new of the rate.
    gauge.remaining = Math.min(0, gauge.remaining);
    gauge.atMs = Math.max(gauge.atMs, resumeMs);
    return pace;
  }
  // The rest counts in: a window that is used up early serves no more until its end.
  const measured = pace.accepted / Math.max(1, resumeMs - pace.sinceMs);
  return paceAt(
    Math.min(gauge.perMs, Math.max(measured, gauge.perMs / 2)) * BACK_OFF,
    true,
    serial,
    resumeMs,
  );
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

/** @param resumeMs  when the key may be used again, at once for one request, and from which on it is measured */
function paceAt(perMs: number, measured: boolean, serial: number, resumeMs: number): Pace {
  const gauge = createBucket(burstOf(perMs), perMs, resumeMs);
  gauge.remaining = 1;
  return { gauge, accepted: 0, sinceMs: resumeMs, sinceRaise: 0, measured, serial };
}

function burstOf(perMs: number): number {
  return Math.max(1, perMs * BURST_MS);
}
