import { breakerOpensAt } from "./breaker.ts";
import { meterOf, type RotationKey } from "./key-state.ts";
import { type Gauge, suppliedBy } from "./limits/gauge.ts";
import type { Pace } from "./limits/pace.ts";
import type { SlidingWindow } from "./limits/sliding-window.ts";
import { obstacleOf } from "./obstacle.ts";
import type { Pool } from "./pool.ts";

/** Among more keys than this, so many stand for all. */
const MAX_SAMPLE = 64;

const HORIZON_MS = 86_400_000;

/** What one key lets through, as far as its limits are known. */
interface Source {
  /** From when on it may be used, epoch milliseconds. */
  readonly fromMs: number;
  /** Learned, each with what one request takes of it. */
  readonly gauges: readonly { readonly gauge: Gauge; readonly each: number }[];
  /** Configured, likewise. */
  readonly windows: readonly { readonly window: SlidingWindow; readonly each: number }[];
}

/**
 * When the pool will have served so many more requests, one after the other as soon as a key has room,
 * epoch milliseconds. What keys do without a limit that is known, such as one of what is under way at once,
 * takes no time here.
 *
 * @param tokens     of each request, on average
 * @param isHopeful  whether a pace of which nothing is known but a refusal counts for none: it is doubled
 *                   with each request that is accepted, so most may be served long before it says
 * @returns `now` where there is room for all of them; Infinity where it takes more than a day
 */
export function whenServed<Key extends RotationKey>(
  pool: Pool<Key>,
  requests: number,
  tokens: number,
  now: number,
  isHopeful = false,
): number {
  const { keys, standsFor } = sampleOf(pool);
  const sources = keys.flatMap((key) => sourceOf(key, pool.model, tokens, now, isHopeful) ?? []);
  const isServedBy = (untilMs: number) => {
    let supply = 0;
    for (const source of sources) supply += standsFor * requestsBy(source, untilMs);
    return supply >= requests;
  };
  if (isServedBy(now)) return now;
  let tooSoonMs = 0;
  let reachMs = 1_000;
  while (!isServedBy(now + reachMs)) {
    tooSoonMs = reachMs;
    reachMs *= 2;
    if (reachMs > HORIZON_MS) return Number.POSITIVE_INFINITY;
  }
  while (reachMs - tooSoonMs > 1) {
    const middleMs = Math.floor((tooSoonMs + reachMs) / 2);
    if (isServedBy(now + middleMs)) reachMs = middleMs;
    else tooSoonMs = middleMs;
  }
  return now + reachMs;
}

/** Whole requests that a key has room for until an instant. */
function requestsBy({ fromMs, gauges, windows }: Source, untilMs: number): number {
  if (fromMs > untilMs) return 0;
  let requests = Number.POSITIVE_INFINITY;
  for (const { gauge, each } of gauges) {
    requests = Math.min(requests, suppliedBy(gauge, fromMs, untilMs) / each);
  }
  for (const { window, each } of windows) {
    requests = Math.min(requests, window.suppliedBy(fromMs, untilMs) / each);
  }
  // Sums of fractions fall just short of a whole.
  return Math.floor(requests + 1e-6);
}

/** @returns undefined where the key serves nobody */
function sourceOf(
  key: RotationKey,
  model: string,
  tokens: number,
  now: number,
  isHopeful: boolean,
): Source | undefined {
  const obstacle = obstacleOf(key.state, model, now);
  if (obstacle?.kind === "disabled" || obstacle?.kind === "dead") return undefined;
  if (obstacle?.kind === "unserved-model") return undefined;
  const fromMs = Math.max(obstacle?.untilMs ?? now, breakerOpensAt(key.breaker, now));
  const meter = meterOf(key.state, model);
  const { rpm, rpd, tpm } = key.bounds;
  // What is larger than all there is takes all there is.
  const ofTokens = ({ limit }: { readonly limit: number }) => Math.max(1, Math.min(tokens, limit));
  const gauges: { gauge: Gauge; each: number }[] = [];
  const windows: { window: SlidingWindow; each: number }[] = [];
  for (const window of [rpm, rpd]) if (window !== undefined) windows.push({ window, each: 1 });
  if (tpm !== undefined) windows.push({ window: tpm, each: ofTokens(tpm) });
  const paceOf = (pace: Pace | undefined) => (isHopeful && pace?.guessed === true ? undefined : pace?.gauge);
  for (const gauge of [meter?.requests, paceOf(meter?.pace)]) {
    if (gauge !== undefined) gauges.push({ gauge, each: 1 });
  }
  for (const gauge of [meter?.tokens, paceOf(meter?.tokenPace)]) {
    if (gauge !== undefined) gauges.push({ gauge, each: ofTokens(gauge) });
  }
  return { fromMs, gauges, windows };
}

function sampleOf<Key extends RotationKey>({ tiers }: Pool<Key>): { keys: Key[]; standsFor: number } {
  const count = tiers.reduce((sum, tier) => sum + tier.keys.length, 0);
  const standsFor = Math.max(1, count / MAX_SAMPLE);
  const keys: Key[] = [];
  let next = 0;
  let before = 0;
  for (const tier of tiers) {
    for (; next < before + tier.keys.length; next += standsFor) {
      const key = tier.keys[Math.floor(next - before)];
      if (key !== undefined) keys.push(key);
    }
    before += tier.keys.length;
  }
  return { keys, standsFor };
}
