/** Bounds of the backoff where a provider gives no hint: 1 s doubling to 60 s. */
const MIN_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

/** Capacity of the whole provider comes back sooner than a limit does, and is nobody's fault: no doubling. */
const OVERLOAD_MS = 2_000;

const MIN_SPENT_MS = 3_600_000;
const MAX_SPENT_MS = 24 * 3_600_000;

/** The longest between two questions to a provider whether it takes a dead key again. */
const MAX_PROBE_MS = 3_600_000;
/** Part of the time by which probes are spread, to either side. */
const PROBE_SPREAD = 0.2;

/** How long a model that a key may not use stays unasked on it. */
export const UNSERVED_MS = 3_600_000;

/**
 * A hint of no time at all (`retry-after: 0`) would have the same key refused again at once: this is the
 * least that a refused key rests.
 */
const MIN_HINT_MS = 100;

/**
 * When a limited key may be tried again.
 *
 * The provider's word wins over ours, unless it has just proved too short: a key that comes back when told
 * and is refused again rests for our backoff at least. A deadline is never shortened: a late answer from
 * before a longer cooldown says nothing new.
 *
 * @param current   the deadline in force, epoch milliseconds
 * @param hintMs    what the provider asked for, in milliseconds from now; undefined where it said nothing
 * @param refusals  refusals in a row, this one included (1 or more)
 * @param random    uniform in [0, 1); full jitter, so that keys limited together do not return together
 * @returns epoch milliseconds
 */
export function coolUntil(
  now: number,
  current: number,
  hintMs: number | undefined,
  refusals: number,
  random: () => number,
): number {
  const ceilingMs = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** (refusals - 1));
  const isOurs = hintMs === undefined || refusals > 1;
  const backoffMs = isOurs ? ceilingMs * random() : 0;
  return Math.max(current, now + Math.max(MIN_HINT_MS, hintMs ?? 0, backoffMs));
}

/** As `coolUntil`, for a provider that is short of capacity. */
export function overloadedUntil(
  now: number,
  current: number,
  hintMs: number | undefined,
  random: () => number,
): number {
  return Math.max(current, now + Math.max(MIN_HINT_MS, hintMs ?? OVERLOAD_MS * random()));
}

/**
 * When a spent key may be tried again: at the stated reset, else after 1 h, doubling to 24 h.
 *
 * @param times  times in a row that it was found spent, this one included (1 or more)
 */
export function spentUntil(now: number, hintMs: number | undefined, times: number): number {
  return now + (hintMs ?? Math.min(MAX_SPENT_MS, MIN_SPENT_MS * 2 ** (times - 1)));
}

/**
 * When the provider of a dead key is asked whether it takes the key again: the first time after
 * `firstMs`, which doubles to an hour.
 *
 * @param times   times in a row that it was found dead (1 or more)
 * @param random  uniform in [0, 1); keys that died together are not asked about together
 */
export function probeAt(now: number, firstMs: number, times: number, random: () => number): number {
  const waitMs = Math.min(Math.max(MAX_PROBE_MS, firstMs), firstMs * 2 ** (times - 1));
  return now + waitMs * (1 - PROBE_SPREAD + 2 * PROBE_SPREAD * random());
}
