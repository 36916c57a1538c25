import { type Sleeper, wakeAll } from "./roster.ts";

/** Failures in a row that open the circuit. */
const OPEN_AFTER = 5;

/** How long it stays open: 5 s, doubling with each probe that fails, to 60 s. */
const MIN_OPEN_MS = 5_000;
const MAX_OPEN_MS = 60_000;

/** The circuit of one upstream: open, nothing is sent to it; half-open, one request at a time tries it. */
export interface Breaker {
  /** In a row, over all keys of the upstream. */
  failures: number;
  /** Epoch milliseconds; 0 while closed. */
  openUntilMs: number;
  /** Times in a row that it opened. */
  opened: number;
  /** A request is trying whether the upstream is back. */
  probing: boolean;
  /** When it last closed, epoch milliseconds; 0 where it never opened. */
  closedMs: number;
  /** When the upstream last answered, if only with a refusal, epoch milliseconds; 0 where it never did. */
  answeredMs: number;
  /** Where keys rest while it is open. */
  readonly sleepers: Sleeper[];
}

export function createBreaker(): Breaker {
  return { failures: 0, openUntilMs: 0, opened: 0, probing: false, closedMs: 0, answeredMs: 0, sleepers: [] };
}

/** When a request may be sent, epoch milliseconds; `now` where it may already, Infinity while another tries. */
export function breakerOpensAt(breaker: Breaker, now: number): number {
  if (breaker.openUntilMs === 0) return now;
  if (breaker.openUntilMs > now) return breaker.openUntilMs;
  return breaker.probing ? Number.POSITIVE_INFINITY : now;
}

/** @returns whether the request that is about to be sent is the probe of a half-open circuit */
export function enterBreaker(breaker: Breaker): boolean {
  const isProbe = breaker.openUntilMs !== 0;
  if (isProbe) breaker.probing = true;
  return isProbe;
}

/** @returns whether the circuit has just opened */
export function recordFailure(breaker: Breaker, isProbe: boolean, now: number): boolean {
  breaker.failures += 1;
  // Failures of requests that were sent before it opened say nothing new.
  if (breaker.openUntilMs > now || (breaker.openUntilMs !== 0 && !isProbe)) return false;
  if (breaker.openUntilMs === 0 && breaker.failures < OPEN_AFTER) return false;
  breaker.opened += 1;
  breaker.openUntilMs = now + Math.min(MAX_OPEN_MS, MIN_OPEN_MS * 2 ** (breaker.opened - 1));
  breaker.probing = false;
  wakeAll(breaker.sleepers);
  return true;
}

/** Any answer that is no failure, a refusal of the key included, shows that the upstream is there. */
export function recordAnswer(breaker: Breaker, now: number): void {
  if (breaker.openUntilMs !== 0) breaker.closedMs = now;
  breaker.answeredMs = now;
  breaker.failures = 0;
  breaker.openUntilMs = 0;
  breaker.opened = 0;
  breaker.probing = false;
  wakeAll(breaker.sleepers);
}

/** A probe that came to nothing, such as a client that left, lets the next request try. */
export function releaseProbe(breaker: Breaker): void {
  breaker.probing = false;
  wakeAll(breaker.sleepers);
}
