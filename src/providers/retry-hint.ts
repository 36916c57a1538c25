import { type ErrorFacts } from "./error-body.ts";
import { parseGoDuration } from "./go-duration.ts";

/**
 * What a refusal says of when to come back, best source first: `retry-after-ms`, `retry-after`
 * (seconds or HTTP date, RFC 9110 §10.2.3), then the body (Google's RetryInfo; "Please try again in
 * 20ms", OpenAI and Groq).
 *
 * @returns milliseconds from now, 0 or more; undefined where nothing is said
 */
export function readRetryHint(headers: Headers, facts: ErrorFacts, now: number): number | undefined {
  return (
    readMilliseconds(headers.get("retry-after-ms")) ??
    readRetryAfter(headers.get("retry-after"), now) ??
    facts.retryDelayMs ??
    readTryAgainIn(facts.message)
  );
}

function readMilliseconds(value: string | null): number | undefined {
  return value !== null && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

function readRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function readTryAgainIn(message: string): number | undefined {
  const match = /try again in ((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)/i.exec(message);
  return match?.[1] === undefined ? undefined : parseGoDuration(match[1]);
}
