import type { RetryHint } from "./dialect.ts";

/**
 * The headers that tell a limited client when to come back. Seconds and dates are rounded up, since
 * whoever keeps to them must not be early.
 *
 * @param hint only this one; undefined: all of `usual`
 */
export function retryHeaders(
  retryAfterMs: number,
  hint: RetryHint | undefined,
  usual: readonly RetryHint[],
  now: number,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!Number.isFinite(retryAfterMs)) return headers;
  for (const each of hint === undefined ? usual : [hint]) {
    if (each === "header-ms") headers["retry-after-ms"] = String(Math.ceil(retryAfterMs));
    if (each === "header") headers["retry-after"] = String(Math.ceil(retryAfterMs / 1_000));
    if (each === "date") {
      const seconds = Math.ceil((now + retryAfterMs) / 1_000);
      headers["retry-after"] = new Date(seconds * 1_000).toUTCString();
    }
  }
  return headers;
}

/** Whether the body says when to come back. */
export function saysInBody(
  retryAfterMs: number,
  hint: RetryHint | undefined,
  usual: readonly RetryHint[],
): boolean {
  return Number.isFinite(retryAfterMs) && (hint === undefined ? usual.includes("body") : hint === "body");
}

/** A Go duration as `time.Duration.String` writes it, to the millisecond: `0s`, `59ms`, `1.5s`, `6m0s`. */
export function goDuration(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole <= 0) return "0s";
  if (whole < 1_000) return `${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor((whole % 3_600_000) / 60_000);
  const seconds = `${(whole % 60_000) / 1_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
