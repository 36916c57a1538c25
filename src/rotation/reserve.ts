import type { ToldLimits } from "../providers/told-limits.ts";
import type { Outcome } from "../providers/outcome.ts";
import { breakerOpensAt, enterBreaker, recordAnswer, recordFailure, releaseProbe } from "./breaker.ts";
import { type KeyState, meterOf, modelStateOf, type RotationKey } from "./key-state.ts";
import { boundsFitAt, settleTokens, takeFromBounds } from "./limits/bounds.ts";
import {
  acceptOn,
  capacityIn,
  giveBackOn,
  hearOn,
  type Mark,
  meterFitsAt,
  meterHeadroom,
  refuseOn,
  reserveOn,
} from "./limits/meter.ts";
import { wakeAll } from "./roster.ts";
import { endTrial, enterTrial } from "./trial.ts";

/** Room that one attempt holds on a key from the moment it is picked. */
export interface Reservation<Key extends RotationKey = RotationKey> {
  readonly key: Key;
  readonly model: string;
  readonly mark: Mark;
  /** Epoch milliseconds. */
  readonly sentMs: number;
  /** It tries whether an upstream whose circuit is half-open is back; until that is answered. */
  isProbe: boolean;
  /** It tries whether a key that was set aside is back; until that is answered. */
  isTrial: boolean;
  released: boolean;
}

/**
 * When a key has room for one more request of so many tokens, epoch milliseconds: `now` where it has
 * already, Infinity where only the end of another request makes room. Cooldowns and what sets a key aside
 * are `obstacleOf`'s.
 */
export function roomAt(key: RotationKey, model: string, tokens: number, now: number): number {
  if (key.state.onTrial) return Number.POSITIVE_INFINITY;
  const meter = meterOf(key.state, model);
  return Math.max(
    boundsFitAt(key.bounds, key.state.inFlight, tokens, now),
    breakerOpensAt(key.breaker, now),
    meter === undefined ? now : meterFitsAt(meter, tokens, now),
  );
}

/** What a key has left for a model, in requests; many where nothing is known of its limits. */
export function headroomFor(key: RotationKey, model: string, now: number): number {
  const meter = meterOf(key.state, model);
  const left = (meter === undefined ? undefined : meterHeadroom(meter, now)) ?? UNKNOWN_HEADROOM;
  const allowed = key.bounds.rpm === undefined ? left : Math.min(left, key.bounds.rpm.left(now));
  return Math.min(allowed, key.bounds.concurrency - key.state.inFlight);
}

/** What a key has room for while nothing is used, in requests; undefined where no limit of it is known. */
export function capacityFor({ bounds, state }: RotationKey, model: string): number | undefined {
  const meter = meterOf(state, model);
  const capacity = Math.min(capacityIn(bounds.rpm, bounds.tpm), capacityIn(meter?.requests, meter?.tokens));
  return capacity === Number.POSITIVE_INFINITY ? undefined : capacity;
}

/** A key of unknown limits takes a fair part from the start, which is how they become known. */
const UNKNOWN_HEADROOM = 60;

export function reserve<Key extends RotationKey>(
  key: Key,
  model: string,
  tokens: number,
  now: number,
): Reservation<Key> {
  takeFromBounds(key.bounds, tokens, now);
  const isProbe = enterBreaker(key.breaker);
  const isTrial = enterTrial(key.state);
  key.state.inFlight += 1;
  key.state.revision += 1;
  const mark = reserveOn(modelStateOf(key.state, model).meter, tokens, now);
  return { key, model, mark, sentMs: now, isProbe, isTrial, released: false };
}

/**
 * What the beginning of an answer says: the limits that its headers tell, or that it refused without
 * telling any.
 *
 * @returns whether the upstream's circuit has just opened
 */
export function settle(
  reservation: Reservation,
  outcome: Outcome,
  told: ToldLimits | undefined,
  now: number,
): boolean {
  const { key, model, mark, sentMs, isProbe } = reservation;
  const { meter } = modelStateOf(key.state, model);
  key.state.revision += 1;
  reservation.isProbe = false;
  if (reservation.isTrial) endTrial(key.state);
  reservation.isTrial = false;
  wakeAll(key.sleepers);
  if (told !== undefined) hearOn(meter, mark, told, now);
  switch (outcome.kind) {
    case "served":
      acceptOn(meter, mark, now);
      key.state.ttfbMs = peakEwma(key.state, now - sentMs);
      recordAnswer(key.breaker, now);
      return false;
    case "limited":
      refuseOn(meter, mark, outcome.retryAfterMs, now, outcome.counts);
      giveBackOn(meter, mark, told, now);
      recordAnswer(key.breaker, now);
      return false;
    case "upstream-failure":
      return recordFailure(key.breaker, isProbe, now);
    case "abandoned":
      if (isProbe) releaseProbe(key.breaker);
      return false;
    case "overloaded":
    case "spent":
    case "dead":
    case "unserved-model":
    case "client-error":
      giveBackOn(meter, mark, told, now);
      recordAnswer(key.breaker, now);
      return false;
  }
}

/**
 * The attempt is over, its stream included: its place is free again.
 *
 * @param usedTokens  as the provider counted them; undefined where it did not say
 */
export function release(reservation: Reservation, usedTokens: number | undefined, now: number): void {
  if (reservation.released) return;
  reservation.released = true;
  const { key, mark } = reservation;
  key.state.inFlight -= 1;
  // Never sent, as when the client left while it waited for its turn.
  if (reservation.isProbe) releaseProbe(key.breaker);
  if (reservation.isTrial) endTrial(key.state);
  wakeAll(key.sleepers);
  if (usedTokens !== undefined) settleTokens(key.bounds, mark.tokens, mark.sentMs, usedTokens, now);
}

/** Weight of a new time beside those before, where it is the lower one. */
const EWMA_GAIN = 0.2;

function peakEwma(state: KeyState, ttfbMs: number): number {
  return ttfbMs > state.ttfbMs ? ttfbMs : state.ttfbMs + EWMA_GAIN * (ttfbMs - state.ttfbMs);
}
