import { type ErrorFacts } from "./error-body.ts";
import { parseGoDuration } from "./go-duration.ts";

/** No limit lasts longer than a month; what says so is broken, and must not put a key away for ever. */
const MAX_HINT_MS = 31 * 86_400_000;

/**
 * What a refusal says of when to come back, best source first: `retry-after-ms`, `retry-after`
 * (seconds or HTTP date, RFC 9110 §10.2.3), then the body (Google's RetryInfo; "Please try again in
 * 20ms", OpenAI and Groq).
 *
 * @returns milliseconds from now, 0 or more; undefined where nothing is said
 */
export function readRetryHint(headers: Headers, facts: ErrorFacts, now: number): number | undefined {
  const hintMs =
    readMilliseconds(headers.get("retry-after-ms")) ??
    readRetryAfter(headers.get("retry-after"), now) ??
    facts.retryDelayMs ??
    readTryAgainIn(facts.message);
  return hintMs === undefined ? undefined : Math.min(hintMs, MAX_HINT_MS);
}

function readMilliseconds(value: string | null): number | undefined {
  return value !== null && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

function readRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  // Date.parse takes "-1", some servers' word for unknown, for a year.
  const at = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function readTryAgainIn(message: string): number | undefined {
  const match = /try again in ((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)/i.exec(message);
  return match?.[1] === undefined ? undefined : parseGoDuration(match[1]);
}
