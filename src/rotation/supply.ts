import { breakerOpensAt } from "./breaker.ts";
import type { RotationKey } from "./key-state.ts";
import { type Gauge, suppliedBy } from "./limits/gauge.ts";
import { obstacleOf } from "./obstacle.ts";
import type { Pool } from "./pool.ts";

/** Among more keys than this, so many stand for all. */
const MAX_SAMPLE = 128;

const HORIZON_MS = 86_400_000;

/**
 * When the pool will have served so many more requests, one after the other as soon as a key has room,
 * epoch milliseconds. What keys do without a limit that is known, such as one of what is under way at once,
 * takes no time here.
 *
 * @param tokens  of each request, on average
 * @returns `now` where there is room for all of them; Infinity where it takes more than a day
 */
export function whenServed<Key extends RotationKey>(
  pool: Pool<Key>,
  requests: number,
  tokens: number,
  now: number,
): number {
  const { keys, standsFor } = sampleOf(pool);
  const isServedBy = (untilMs: number) => {
    let supply = 0;
    for (const key of keys) supply += standsFor * supplyOf(key, pool.model, tokens, untilMs, now);
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
function supplyOf(key: RotationKey, model: string, tokens: number, untilMs: number, now: number): number {
  const obstacle = obstacleOf(key.state, model, now);
  if (obstacle?.kind === "dead" || obstacle?.kind === "unserved-model") return 0;
  const fromMs = Math.max(obstacle?.untilMs ?? now, breakerOpensAt(key.breaker, now));
  if (fromMs > untilMs) return 0;
  const meter = key.state.byModel.get(model)?.meter;
  const { rpm, rpd, tpm } = key.bounds;
  const supply = Math.min(
    requestsBy(rpm, 1, fromMs, untilMs),
    requestsBy(rpd, 1, fromMs, untilMs),
    requestsBy(tpm, tokens, fromMs, untilMs),
    requestsBy(meter?.requests, 1, fromMs, untilMs),
    requestsBy(meter?.pace?.gauge, 1, fromMs, untilMs),
    requestsBy(meter?.tokens, tokens, fromMs, untilMs),
  );
  // Sums of fractions fall just short of a whole.
  return Math.floor(supply + 1e-6);
}

function requestsBy(gauge: Gauge | undefined, amount: number, fromMs: number, untilMs: number): number {
  if (gauge === undefined) return Number.POSITIVE_INFINITY;
  return suppliedBy(gauge, fromMs, untilMs) / Math.max(1, Math.min(amount, gauge.limit));
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
