import type { ToldLimits } from "../../providers/told-limits.ts";
import { available, fitsAt, type Gauge, take } from "./gauge.ts";
import { hear, hearRest } from "./hear.ts";
import { firstPace, type Pace, type Recent, slowDown, speedUp, WINDOW_MS } from "./pace.ts";

/** All that is believed of one key's limits on one model. */
export interface Meter {
  requests: Gauge | undefined;
  tokens: Gauge | undefined;
  /** In force where the provider tells nothing and has refused: of requests, and of tokens. */
  pace: Pace | undefined;
  tokenPace: Pace | undefined;
  /** Requests and tokens ever reserved, by which an answer finds its place among them. */
  sent: number;
  sentTokens: number;
  /** For the first pace. */
  recent: Recent;
  recentTokens: Recent;
}

/** A request's place among those of its meter. */
export interface Mark {
  readonly serial: number;
  readonly tokensBefore: number;
  readonly tokens: number;
  /** Epoch milliseconds. */
  readonly sentMs: number;
}

const NOTHING_RECENT: Recent = { accepted: 0, sinceMs: 0, before: 0 };

export function createMeter(): Meter {
  return {
    requests: undefined,
    tokens: undefined,
    pace: undefined,
    tokenPace: undefined,
    sent: 0,
    sentTokens: 0,
    recent: NOTHING_RECENT,
    recentTokens: NOTHING_RECENT,
  };
}

/** When one more request of so many tokens fits, epoch milliseconds; `now` where it does already. */
export function meterFitsAt(meter: Meter, tokens: number, now: number): number {
  let at = now;
  if (meter.requests !== undefined) at = Math.max(at, fitsAt(meter.requests, 1, now));
  if (meter.tokens !== undefined) at = Math.max(at, fitsAt(meter.tokens, tokens, now));
  if (meter.pace !== undefined) at = Math.max(at, fitsAt(meter.pace.gauge, 1, now));
  if (meter.tokenPace !== undefined) at = Math.max(at, fitsAt(meter.tokenPace.gauge, tokens, now));
  return at;
}

/** Requests that are left of the tightest limit; undefined where none is known. */
export function meterHeadroom(meter: Meter, now: number): number | undefined {
  const { requests, tokens, pace, tokenPace } = meter;
  if (pace !== undefined || tokenPace !== undefined) {
    const meanTokens = Math.max(1, meter.sentTokens / Math.max(1, meter.sent));
    return Math.min(
      pace === undefined ? Number.POSITIVE_INFINITY : available(pace.gauge, now),
      tokenPace === undefined ? Number.POSITIVE_INFINITY : available(tokenPace.gauge, now) / meanTokens,
    );
  }
  if (requests === undefined && tokens === undefined) return undefined;
  // Tokens as the part of all requests that they are enough for.
  const part = tokens === undefined ? 1 : available(tokens, now) / tokens.limit;
  return requests === undefined
    ? part * PART_SCALE
    : Math.min(available(requests, now), part * requests.limit);
}

/** A limit in tokens alone stands for so many requests. */
const PART_SCALE = 100;

/**
 * What the tighter of two limits lets through while nothing of it is used, in requests; Infinity where there
 * is neither. What was only learned of a rate does not count: it changes with each refusal, and with it
 * whatever is placed by it.
 */
export function capacityIn(requests: Limit | undefined, tokens: Limit | undefined): number {
  return Math.min(
    requests?.limit ?? Number.POSITIVE_INFINITY,
    (tokens?.limit ?? Number.POSITIVE_INFINITY) / TOKENS_EACH,
  );
}

/** Learned, or configured. */
interface Limit {
  readonly limit: number;
}

/** A request of middling size; the same for all, so that chance in sizes does not make one key larger than the other. */
const TOKENS_EACH = 1_000;

export function reserveOn(meter: Meter, tokens: number, now: number): Mark {
  if (meter.requests !== undefined) take(meter.requests, 1, now);
  if (meter.tokens !== undefined) take(meter.tokens, tokens, now);
  if (meter.pace !== undefined) take(meter.pace.gauge, 1, now);
  if (meter.tokenPace !== undefined) take(meter.tokenPace.gauge, tokens, now);
  meter.sent += 1;
  meter.sentTokens += tokens;
  return { serial: meter.sent, tokensBefore: meter.sentTokens, tokens, sentMs: now };
}

/** The answer's headers, where they tell limits, make a pace unneeded. */
export function hearOn(meter: Meter, mark: Mark, told: ToldLimits, now: number): void {
  if (told.requests !== undefined) {
    const sentSince = meter.sent - mark.serial;
    meter.requests = hear(meter.requests, told.requests, mark.serial, sentSince, now, mark.sentMs);
    meter.pace = undefined;
  }
  if (told.tokens !== undefined) {
    const sentSince = meter.sentTokens - mark.tokensBefore;
    meter.tokens = hear(meter.tokens, told.tokens, mark.tokensBefore, sentSince, now, mark.sentMs);
    meter.tokenPace = undefined;
  }
}

/** A refused request used no tokens; where the answer tells limits, it has said so itself. */
export function giveBackOn(meter: Meter, mark: Mark, told: ToldLimits | undefined, now: number): void {
  if (told?.tokens !== undefined) return;
  if (meter.tokens !== undefined) take(meter.tokens, -mark.tokens, now);
  if (meter.tokenPace !== undefined) take(meter.tokenPace.gauge, -mark.tokens, now);
}

export function acceptOn(meter: Meter, mark: Mark, now: number): void {
  const { pace, tokenPace } = meter;
  if (pace !== undefined && mark.serial > pace.serial) speedUp(pace, now);
  if (tokenPace !== undefined && mark.serial > tokenPace.serial) speedUp(tokenPace, now, mark.tokens);
  if (isTold(meter)) return;
  if (pace === undefined) meter.recent = counted(meter.recent, 1, now);
  if (tokenPace === undefined) meter.recentTokens = counted(meter.recentTokens, mark.tokens, now);
}

function counted(recent: Recent, amount: number, now: number): Recent {
  const { accepted, sinceMs } = recent;
  const elapsedMs = now - sinceMs;
  if (elapsedMs < WINDOW_MS) return { ...recent, accepted: accepted + amount };
  return { accepted: amount, sinceMs: now, before: elapsedMs < 2 * WINDOW_MS ? accepted : 0 };
}

/**
 * A refusal by a provider that told nothing: from now on the key is paced. One that told its limits shows
 * how they come back.
 *
 * @param restMs  how long the key is to rest, as the provider says; undefined where it does not
 * @param counts  what the limit counts, as far as is known
 */
export function refuseOn(
  meter: Meter,
  mark: Mark,
  restMs: number | undefined,
  now: number,
  counts: "requests" | "tokens" = "requests",
): void {
  const { requests, tokens, sent, pace, tokenPace } = meter;
  if (isTold(meter)) {
    if (restMs === undefined) return;
    if (requests !== undefined) hearRest(requests, 1, restMs, now);
    if (tokens !== undefined) hearRest(tokens, mark.tokens, restMs, now);
    return;
  }
  if (counts === "requests") {
    if (pace === undefined) meter.pace = firstPace(meter.recent, restMs, sent, now);
    else if (mark.serial > pace.serial) meter.pace = slowDown(pace, restMs, sent, now);
  } else if (tokenPace === undefined) {
    meter.tokenPace = firstPace(meter.recentTokens, restMs, sent, now, Math.max(1, mark.tokens));
  } else if (mark.serial > tokenPace.serial) {
    meter.tokenPace = slowDown(tokenPace, restMs, sent, now, Math.max(1, mark.tokens));
  }
}

/** Whether the provider tells limits, so that nothing has to be found out by refusals. */
function isTold({ requests, tokens }: Meter): boolean {
  return requests !== undefined || tokens !== undefined;
}
