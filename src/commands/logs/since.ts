import { showTyped } from "../../config/secrecy.ts";
import { parseDuration } from "../../config/units.ts";
import { KeyCycleError } from "../../error.ts";

/**
 * An instant as a person writes it: so long ago (`15m`), or RFC 3339 with or without the time.
 *
 * @param now  epoch milliseconds
 * @returns epoch milliseconds
 * @throws KeyCycleError `usage/since`
 */
export function parseSince(written: string, now: number): number {
  const ago = parseDuration(written);
  if (ago.ok) return now - ago.value;
  const instant = /^\d{4}-\d{2}-\d{2}(?:[T ].*)?$/.test(written) ? Date.parse(written) : Number.NaN;
  if (Number.isFinite(instant)) return Math.max(0, instant);
  throw new KeyCycleError(
    "usage/since",
    `--since takes how long ago, such as 15m or 24h, or a time such as 2026-01-31T09:00, not "${showTyped(written)}".`,
  );
}
