/**
 * How a limit comes back: little by little up to its capacity, or all at once at an instant. What a
 * provider does is seldom documented, so it is told from its headers (`hear.ts`).
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
  /** When a window is whole again; past where it has not begun. */
  resetAtMs: number;
  /** The longest time to the end that was told: how long a window may last; 0 where none was told. */
  windowMs: number;
  /** All that had been sent with the request whose answer was heard last, itself included. */
  heard: number;
  /** The first telling of the present window, for telling buckets from windows. */
  first: FirstTelling;
}

/** All that had been sent with it, and between which instants the end lies that it told. */
interface FirstTelling {
  readonly sent: number;
  readonly soonestEndMs: number;
  readonly endMs: number;
}

/** Of a limit of which no end was told. */
export const NOT_HEARD: FirstTelling = { sent: 0, soonestEndMs: 0, endMs: 0 };

/** A bucket that is full. */
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

/** When the present window began, or the last, as far as is known. */
export function windowBeganMs(gauge: Gauge): number {
  return gauge.resetAtMs - lengthOf(gauge);
}

/**
 * The next window is taken to be as long as the last, until an answer tells. Windows last whole seconds, of
 * which the first answer in them tells all but a part; a clock that differs a little adds none.
 */
function lengthOf({ windowMs }: Gauge): number {
  return 1_000 * Math.max(1, Math.ceil((windowMs - CLOCKS_DIFFER_MS) / 1_000));
}

const CLOCKS_DIFFER_MS = 25;
