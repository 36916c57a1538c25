import type { ToldLimit } from "../../providers/told-limits.ts";

/**
 * How a limit comes back: little by little up to its capacity, or all at once at an instant. What a
 * provider does is seldom documented, so it is told from its headers (`hear`).
 */
export type Refill = "bucket" | "window";

/** What is believed of one limit of one key, in requests or in tokens. Instants are epoch milliseconds. */
export interface Gauge {
  refill: Refill;
  /** Capacity. */
  limit: number;
  /** What was left at `atMs`; below 0 where more was sent than fits. */
  remaining: number;
  atMs: number;
  /** Of a bucket. */
  perMs: number;
  /** When a window is whole again. */
  resetAtMs: number;
  /** The longest time to the end that was told: how long a window may last. */
  windowMs: number;
  /** All that had been sent with the request whose answer was heard last, itself included. */
  heard: number;
  /** The first telling of the present window, for telling buckets from windows. */
  first: { readonly sent: number; readonly endMs: number };
}

const NOT_HEARD: Gauge["first"] = { sent: 0, endMs: 0 };

/** A bucket that is full: a limit that the configuration names. */
export function createBucket(limit: number, perMs: number, now: number): Gauge {
  return {
    refill: "bucket",
    limit,
    remaining: limit,
    atMs: now,
    perMs,
    resetAtMs: 0,
    windowMs: 0,
    heard: 0,
    first: NOT_HEARD,
  };
}

/** What may be sent now; nothing from a gauge that rests until an instant ahead. */
export function available(gauge: Gauge, now: number): number {
  if (gauge.refill === "window") return now >= gauge.resetAtMs ? gauge.limit : gauge.remaining;
  if (now < gauge.atMs) return Math.min(0, gauge.remaining);
  return Math.min(gauge.limit, gauge.remaining + (now - gauge.atMs) * gauge.perMs);
}

/** Takes an amount, or gives it back where it is negative. */
export function take(gauge: Gauge, amount: number, now: number): void {
  const left = gauge.refill === "bucket" && now < gauge.atMs ? gauge.remaining : available(gauge, now);
  gauge.remaining = Math.min(gauge.limit, left - amount);
  gauge.atMs = Math.max(gauge.atMs, now);
  if (gauge.refill === "window" && now >= gauge.resetAtMs) gauge.resetAtMs = now + lengthOf(gauge);
}

/** Sums of fractions fall just short of a whole. */
const ROUNDING = 1e-6;

/** When an amount fits, epoch milliseconds; `now` where it does already. More than the capacity fits when all of it is there. */
export function fitsAt(gauge: Gauge, amount: number, now: number): number {
  const needed = Math.min(amount, gauge.limit);
  const fromMs = gauge.refill === "bucket" ? Math.max(now, gauge.atMs) : now;
  const missing = needed - available(gauge, fromMs);
  if (missing <= ROUNDING) return fromMs;
  if (gauge.refill === "window") return gauge.resetAtMs;
  // Of the slack only a half, so that what is told to fit then does.
  return gauge.perMs > 0
    ? fromMs + Math.ceil((missing - ROUNDING / 2) / gauge.perMs)
    : Number.POSITIVE_INFINITY;
}

/**
 * What a gauge lets through from one instant to another, neither of them past, epoch milliseconds: what is
 * there at the first and what comes back by the second.
 */
export function suppliedBy(gauge: Gauge, fromMs: number, untilMs: number): number {
  if (gauge.refill === "bucket") {
    const startMs = Math.max(fromMs, gauge.atMs);
    return Math.max(0, available(gauge, startMs) + (untilMs - startMs) * gauge.perMs);
  }
  const there = Math.max(0, available(gauge, fromMs));
  const lengthMs = lengthOf(gauge);
  const resetMs = fromMs < gauge.resetAtMs ? gauge.resetAtMs : fromMs + lengthMs;
  return untilMs < resetMs ? there : there + gauge.limit * (1 + Math.floor((untilMs - resetMs) / lengthMs));
}

/** The next window is taken to be as long as the last, until an answer tells. */
function lengthOf(gauge: Gauge): number {
  return Math.max(1_000, gauge.windowMs);
}

/** Rounded resets say nothing about shorter times than this. */
const RESOLUTION_MS = 25;

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
 */
export function hear(
  gauge: Gauge | undefined,
  told: ToldLimit,
  sent: number,
  sentSince: number,
  now: number,
): Gauge {
  const endMs = now + told.fullInMs;
  const remaining = told.remaining - sentSince;
  if (gauge === undefined || gauge.limit !== told.limit) {
    const first = { sent, endMs };
    // Until more is known a window: it promises nothing before its end.
    const base = { refill: gauge?.refill ?? ("window" as const), limit: told.limit, remaining, atMs: now };
    return {
      ...base,
      perMs: rateOf(told) ?? gauge?.perMs ?? 0,
      resetAtMs: endMs,
      windowMs: told.fullInMs,
      heard: sent,
      first,
    };
  }
  if (sent < gauge.heard) {
    if (remaining < available(gauge, now)) {
      gauge.remaining = remaining;
      gauge.atMs = now;
    }
    return gauge;
  }
  gauge.heard = sent;
  learnRefill(gauge, told, sent, endMs, now);
  gauge.remaining = remaining;
  gauge.atMs = now;
  gauge.resetAtMs = endMs;
  gauge.windowMs = Math.max(gauge.windowMs, told.fullInMs);
  const rate = rateOf(told);
  if (rate !== undefined)
    gauge.perMs = gauge.perMs === 0 ? rate : gauge.perMs + RATE_GAIN * (rate - gauge.perMs);
  return gauge;
}

/**
 * A bucket's end (the instant of being full again) moves on with each request by the time that one takes
 * to come back; a window's stays where it is until the window is over.
 */
function learnRefill(gauge: Gauge, told: ToldLimit, sent: number, endMs: number, now: number): void {
  const sentSinceFirst = sent - gauge.first.sent;
  const used = told.limit - told.remaining;
  if (now >= gauge.first.endMs - told.fullInMs * NEAR_END) {
    // A bucket in use is never full, so its end is never reached; a window begins again. Its new end is no
    // sign of a bucket, though an answer that took less time than others seems to come before the old one.
    gauge.first = { sent, endMs };
    return;
  }
  if (sentSinceFirst < 3 || used < 3) return;
  const expectedMs = (sentSinceFirst * told.fullInMs) / used;
  if (expectedMs < RESOLUTION_MS) return;
  const movedMs = endMs - gauge.first.endMs;
  if (movedMs > expectedMs / 2) gauge.refill = "bucket";
  else if (movedMs < expectedMs / 4) gauge.refill = "window";
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
function rateOf(told: ToldLimit): number | undefined {
  const used = told.limit - told.remaining;
  return used >= 2 && told.fullInMs > 0 ? used / told.fullInMs : undefined;
}
