import type { Outcome } from "../providers/outcome.ts";

/** Attempts for one request, however they end, as a multiple of `maxAttempts`. */
const REFUSAL_FACTOR = 64;

/** How many attempts a request has made, and how they ended. */
export interface AttemptCount {
  /** All of them. */
  total: number;
  /** Those that ended in an upstream's failure or overload, which say nothing of the key and so cannot stop by themselves. */
  failures: number;
}

/**
 * Whether another key may change the answer: everything but success, the client's own mistake and the
 * client's leaving.
 */
export function isRetryable(outcome: Outcome): boolean {
  return outcome.kind !== "served" && outcome.kind !== "client-error" && outcome.kind !== "abandoned";
}

/**
 * Whether what is left of a request's attempts is to be kept for the models behind this one in its
 * chain: one for each, so that an outage of the first does not use them all up.
 *
 * @param behind  how many models are still to come
 */
export function leavesToNext(
  count: AttemptCount,
  limits: { readonly maxAttempts: number },
  behind: number,
): boolean {
  const failuresLeft = limits.maxAttempts - count.failures;
  const left = Math.min(failuresLeft, limits.maxAttempts * REFUSAL_FACTOR - count.total);
  return left > 0 && left <= behind;
}

/**
 * Whether one more attempt may be started.
 *
 * A refusal sets its key aside, so each key is met once and a request gets past any number of dead or
 * limited ones to a healthy one; only failures, which an outage would multiply, are held to
 * `maxAttempts`. Sixty-four times that bounds the rest.
 *
 * @param startedMs   arrival of the request, epoch milliseconds
 */
export function mayAttempt(
  count: AttemptCount,
  limits: { readonly maxAttempts: number; readonly deadlineMs: number },
  startedMs: number,
  now: number,
): boolean {
  if (count.total === 0) return true;
  if (now - startedMs >= limits.deadlineMs) return false;
  return count.failures < limits.maxAttempts && count.total < limits.maxAttempts * REFUSAL_FACTOR;
}
