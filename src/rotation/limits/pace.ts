import { createBucket, type Gauge } from "./gauge.ts";

/**
 * The pace that a key takes where its provider tells no limits: requests, or their tokens, are spread
 * evenly, at a rate that is found by what was accepted between refusals. An even pace fits a bucket and a
 * window alike, since no stretch of time holds more than its share.
 */
export interface Pace {
  readonly gauge: Gauge;
  /** Accepted since the last refusal, and since when. */
  accepted: number;
  sinceMs: number;
  /** Requests accepted since it was last looked at whether to raise the rate; when that was, and what had been accepted by then. */
  sinceRaise: number;
  raisedMs: number;
  acceptedBefore: number;
  /** How often it was raised since the last refusal. */
  raises: number;
  /** Two refusals have been seen, so that the time between them measured the rate. */
  measured: boolean;
  /** Nothing was known of the rate but a refusal: it is doubled until the next. */
  readonly guessed: boolean;
  /** Of the last request sent before the refusal: answers up to it are of the burst that was refused. */
  readonly serial: number;
  /** By the last refusal; undefined where that is not known. */
  readonly ended?: Stretch;
}

/** What was accepted at a rate until a refusal. Instants are epoch milliseconds. */
interface Stretch {
  readonly accepted: number;
  readonly sinceMs: number;
  readonly refusedMs: number;
  readonly perMs: number;
  readonly measured: boolean;
}

/** A refusal costs little more than its own attempt: just below what was measured. */
const BACK_OFF = 0.97;
/** Increase, as a part of the rate. */
const RAISE = 0.0125;
/** After so many in a row the limit must have been raised: each two more are larger by as much again, up to so many times. */
const SMALL_RAISES = 12;
const RAISES_TO_GROW = 2;
const MAX_GROWTH = 3;
const RAISE_AFTER = 8;
/** Before the rate was measured once, it is looked for in larger steps, and with each request. */
const SEARCH = 0.15;
/** A step at a time: that it was too much shows only when a window is used up, long after. */
const RAISE_EVERY_MS = 1_000;
/** What is made use of to a lesser part has not been tried, and is not raised. */
const USED = 0.5;
/**
 * What one refusal lowers a rate to at most, where its rest does not tell more: once it was measured, chance
 * in the sizes and moments of requests is more likely.
 */
const LEAST_SEARCHED = 0.5;
const LEAST_MEASURED = 0.85;
/** Fewer requests accepted say nothing of a rate. */
const FEW = 4;
/** Between two requests, where nothing is known but how long the key is to rest, and not even that. */
const MIN_GUESS_MS = 20;
const GUESS_MS = 1_000;
/** A rest says when a key may come back, not how fast it may go on: after a long one it need not crawl. */
const MAX_GUESS_MS = 2_000;
/** What providers count by, mostly. */
export const WINDOW_MS = 60_000;
/** What may be sent at once after a pause, as time at the pace. */
const BURST_MS = 250;

/** What a key took before it first refused, in requests or tokens: that of the last minute, as far as it is known. */
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
 * @param each    what the refused request counts: 1, or its tokens
 */
export function firstPace(
  recent: Recent,
  restMs: number | undefined,
  serial: number,
  now: number,
  each = 1,
): Pace {
  const resumeMs = now + (restMs ?? 0);
  if (recent.accepted < FEW * each || now - recent.sinceMs >= 2 * WINDOW_MS) {
    // Refused before it served much, or long after: one request for each short rest, until more is known.
    const guess = each / Math.min(MAX_GUESS_MS, Math.max(MIN_GUESS_MS, restMs ?? GUESS_MS));
    return { ...paceAt(guess, false, serial, resumeMs, each), guessed: true };
  }
  // A window that was used up lasts at least until the end of the rest; without that, a minute is usual.
  const elapsedMs = restMs === undefined ? WINDOW_MS : Math.max(1, resumeMs - recent.sinceMs);
  const perMs = Math.max(recent.accepted / elapsedMs, recent.before / WINDOW_MS);
  return paceAt(perMs, false, serial, resumeMs, each);
}

/** The pace after a further refusal; see `firstPace` for the arguments. */
export function slowDown(
  pace: Pace,
  restMs: number | undefined,
  serial: number,
  now: number,
  each = 1,
): Pace {
  const resumeMs = now + (restMs ?? 0);
  const { gauge } = pace;
  if (pace.accepted === 0 || now - pace.sinceMs < each / gauge.perMs) {
    // The rest of a window that is used up: it says nothing new of the rate.
    gauge.remaining = Math.min(0, gauge.remaining);
    gauge.atMs = Math.max(gauge.atMs, resumeMs);
    // Without a hint its length shows only now.
    if (restMs === undefined && pace.ended !== undefined)
      gauge.perMs = Math.min(gauge.perMs, slower(pace.ended, now));
    return pace;
  }
  const { accepted, sinceMs, measured } = pace;
  const ended = { accepted, sinceMs, refusedMs: now, perMs: gauge.perMs, measured };
  return { ...paceAt(slower(ended, resumeMs) * BACK_OFF, true, serial, resumeMs, each), ended };
}

/**
 * The rest counts in: a window that is used up early serves no more until its end. So much slower, and it
 * would have lasted until then.
 */
function slower({ accepted, sinceMs, refusedMs, perMs, measured }: Stretch, resumeMs: number): number {
  const lastsMs = Math.max(1, resumeMs - sinceMs);
  const least = Math.min((refusedMs - sinceMs) / lastsMs, measured ? LEAST_MEASURED : LEAST_SEARCHED);
  return Math.min(perMs, Math.max(accepted / lastsMs, perMs * least));
}

/**
 * One more request accepted: after a few, a little faster.
 *
 * @param each  what it counts: 1, or its tokens
 */
export function speedUp(pace: Pace, now: number, each = 1): void {
  pace.accepted += each;
  pace.sinceRaise += 1;
  const isTooFew = pace.measured && pace.sinceRaise < RAISE_AFTER;
  if (!pace.guessed && (isTooFew || now - pace.raisedMs < RAISE_EVERY_MS)) return;
  const { gauge } = pace;
  const isUsed = pace.accepted - pace.acceptedBefore >= USED * (now - pace.raisedMs) * gauge.perMs;
  pace.sinceRaise = 0;
  pace.acceptedBefore = pace.accepted;
  pace.raisedMs = now;
  if (!isUsed) return;
  gauge.perMs *= 1 + raiseOf(pace);
  pace.raises += 1;
  gauge.limit = burstOf(gauge.perMs);
}

/** By which part of the rate it is raised next. */
function raiseOf({ guessed, measured, raises }: Pace): number {
  if (guessed) return 1;
  if (!measured) return SEARCH;
  return RAISE * Math.min(MAX_GROWTH, 1 + Math.max(0, raises - SMALL_RAISES) / RAISES_TO_GROW);
}

/** @param resumeMs  when the key may be used again, at once for one request, and from which on it is measured */
function paceAt(perMs: number, measured: boolean, serial: number, resumeMs: number, each: number): Pace {
  const gauge = createBucket(burstOf(perMs), perMs, resumeMs);
  gauge.remaining = Math.min(gauge.limit, each);
  return {
    gauge,
    accepted: 0,
    sinceMs: resumeMs,
    sinceRaise: 0,
    raisedMs: resumeMs,
    acceptedBefore: 0,
    raises: 0,
    measured,
    guessed: false,
    serial,
  };
}

function burstOf(perMs: number): number {
  return Math.max(1, perMs * BURST_MS);
}
