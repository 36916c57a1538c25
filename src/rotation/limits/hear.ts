import type { ToldLimit } from "../../providers/told-limits.ts";
import { available, type Gauge, NOT_HEARD, windowBeganMs } from "./gauge.ts";
import { WINDOW_MS } from "./pace.ts";

/** Rounded resets say nothing about shorter times than this. */
const RESOLUTION_MS = 25;

/** By so long a time one more request tells as much as several; resets in whole seconds are good enough for it. */
const LONG_MS = 4_000;

/** So near to its end, as a part of what it lasts, a window may be over already. */
const NEAR_END = 1 / 8;

/** Weight of a new reading of the refill rate beside those before. */
const RATE_GAIN = 0.3;

/**
 * Writes what an answer tells into a gauge. The headers are the truth, but of the moment at which the
 * answer's request was counted: what was sent since is taken off again. An answer that was overtaken by
 * a later one counts only where it says less.
 *
 * @param sent       amount ever sent up to the answered request, itself included
 * @param sentSince  amount sent after it
 * @param sentMs     when the request was sent, epoch milliseconds; it was counted between then and now
 */
export function hear(
  gauge: Gauge | undefined,
  told: ToldLimit,
  sent: number,
  sentSince: number,
  now: number,
  sentMs = now,
): Gauge {
  // Where it is not told, the limit is what was seen of it: the answered request took one at least.
  const limit = told.limit ?? Math.max(gauge?.limit ?? 0, told.remaining + 1);
  const { fullInMs } = told;
  const used = limit - told.remaining;
  const remaining = told.remaining - sentSince;
  if (gauge === undefined || (told.limit !== undefined && gauge.limit !== limit)) {
    const base = { limit, remaining, atMs: now, heard: sent };
    if (fullInMs === undefined) {
      const { refill, resetAtMs, windowMs } = gauge ?? NO_END;
      return { ...base, refill, perMs: ratePerMs(told, limit), resetAtMs, windowMs, first: NOT_HEARD };
    }
    return {
      ...base,
      // Until more is known a window: it promises nothing before its end.
      refill: gauge?.refill ?? "window",
      perMs: rateOf(used, fullInMs) ?? gauge?.perMs ?? 0,
      resetAtMs: now + fullInMs,
      windowMs: fullInMs,
      first: { sent, soonestEndMs: sentMs + fullInMs, endMs: now + fullInMs },
    };
  }
  gauge.limit = limit;
  const isEndKnown = gauge.windowMs > 0;
  if (fullInMs === undefined && !isEndKnown) gauge.perMs = ratePerMs(told, limit);
  // What was left of a window that is over says nothing of the present one.
  if (isOver(gauge, sentMs, fullInMs)) return gauge;
  if (sent < gauge.heard) {
    // What was sent up to the one heard last, that one for certain, may have been counted before this.
    const left = remaining + (gauge.heard - sent);
    if (left < available(gauge, now)) {
      gauge.remaining = left;
      gauge.atMs = now;
    }
    return gauge;
  }
  gauge.heard = sent;
  gauge.remaining = remaining;
  gauge.atMs = now;
  if (fullInMs === undefined) return gauge;
  const telling = { sent, soonestEndMs: sentMs + fullInMs, endMs: now + fullInMs };
  learnRefill(gauge, used, fullInMs, telling, now);
  gauge.resetAtMs = now + fullInMs;
  gauge.windowMs = Math.max(gauge.windowMs, fullInMs);
  const rate = rateOf(used, fullInMs);
  if (rate !== undefined)
    gauge.perMs = gauge.perMs > 0 && isEndKnown ? gauge.perMs + RATE_GAIN * (rate - gauge.perMs) : rate;
  return gauge;
}

function isOver(gauge: Gauge, sentMs: number, fullInMs: number | undefined): boolean {
  if (gauge.refill === "bucket" || fullInMs === undefined || fullInMs === 0) return false;
  return sentMs + fullInMs <= windowBeganMs(gauge);
}

/**
 * Of a limit of which no answer has told when it is whole again: a bucket, which an answer corrects sooner
 * than a window.
 */
const NO_END = { refill: "bucket", resetAtMs: 0, windowMs: 0 } as const;

/** What comes back of a limit that only its name tells the time of: providers count by the minute. */
function ratePerMs(told: ToldLimit, limit: number): number {
  return (told.limit ?? Math.max(LEAST_A_MINUTE, limit)) / WINDOW_MS;
}

/** A limit of which little was seen may be large: nobody is to wait for long until more of it is seen. */
const LEAST_A_MINUTE = 10;

/**
 * A bucket's end (the instant of being full again) moves on with each request by the time that one takes
 * to come back; a window's stays where it is until the window is over.
 */
function learnRefill(
  gauge: Gauge,
  used: number,
  fullInMs: number,
  telling: Gauge["first"],
  now: number,
): void {
  const { first } = gauge;
  const sentSinceFirst = telling.sent - first.sent;
  if (now >= first.soonestEndMs - fullInMs * NEAR_END) {
    // A bucket in use is never full, so its end is never reached; a window begins again. Its new end is no
    // sign of a bucket, though an answer that took less time than others seems to come before the old one.
    gauge.first = telling;
    return;
  }
  if (sentSinceFirst < 1 || used < 2) return;
  const expectedMs = (sentSinceFirst * fullInMs) / used;
  const isEnough = sentSinceFirst >= 3 && used >= 3 ? expectedMs >= RESOLUTION_MS : expectedMs >= LONG_MS;
  if (!isEnough) return;
  if (telling.soonestEndMs - first.endMs > expectedMs / 2) gauge.refill = "bucket";
  else if (telling.endMs - first.soonestEndMs < expectedMs / 4) gauge.refill = "window";
}

/**
 * A request of an amount was refused, and may come again after a time. Where that is long before all is
 * there again, it comes back little by little: an empty window has nothing until its end.
 */
export function hearRest(gauge: Gauge, amount: number, restMs: number, now: number): void {
  const isSooner = 2 * restMs + ROUNDED_MS < gauge.resetAtMs - now;
  if (isSooner && gauge.perMs > 0 && available(gauge, now) < amount) gauge.refill = "bucket";
}

/** `retry-after` is in whole seconds. */
const ROUNDED_MS = 1_000;

/** Refill of a bucket; too little used says too little. */
function rateOf(used: number, fullInMs: number): number | undefined {
  return used >= 2 && fullInMs > 0 ? used / fullInMs : undefined;
}
