/**
 * Quantities as people write them. A parser never repeats its input in what it says, so that its
 * words can be shown wherever the input came from.
 */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /**
   * `problem` follows the name of the setting: "must be …"; `instead` is what to write; `meant` is the
   * known word that is nearest.
   */
  | { readonly ok: false; readonly problem: string; readonly instead?: string; readonly meant?: string };

const DURATION_MS = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** What a timer can hold: setTimeout fires at once past 2^31 - 1 milliseconds. */
export const MAX_DURATION_MS = 2 ** 31 - 1;

const NOT_A_DURATION = "must be a duration such as 250ms, 15s, 5m or 1h30m";

/**
 * `250ms`, `15s`, `5m`, `24h`, `1h30m`, `1.5s`, `0`; each unit once, larger ones first. In milliseconds.
 *
 * @param usualUnit  what is suggested where there is none
 */
export function parseDuration(written: string | number, usualUnit = "s"): Parsed<number> {
  const text = String(written).trim();
  if (text === "0") return { ok: true, value: 0 };
  if (/^\d+$/.test(text))
    return { ok: false, problem: `${NOT_A_DURATION}: the unit is missing`, instead: `${text}${usualUnit}` };
  const matches = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/gy)];
  const consumed = matches.reduce((sum, match) => sum + match[0].length, 0);
  if (matches.length === 0 || consumed !== text.length)
    return { ok: false, problem: NOT_A_DURATION, instead: meantDuration(text) };
  let total = 0;
  let previous = Infinity;
  for (const [, amount = "", unit = ""] of matches) {
    const factor = DURATION_MS.get(unit) ?? Number.NaN;
    if (!(factor < previous))
      return { ok: false, problem: `${NOT_A_DURATION}: each unit once, larger ones first` };
    previous = factor;
    total += Number(amount) * factor;
  }
  const rounded = Math.round(total);
  if (!(rounded <= MAX_DURATION_MS))
    return { ok: false, problem: "must be a duration of at most 596h (24 days)", instead: "596h or less" };
  return { ok: true, value: rounded };
}

/** `15 seconds`, `5 min` and `3d` in the form that is read; of anything else how that looks. */
function meantDuration(text: string): string {
  const [, amount = "", word = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]+)\.?$/i.exec(text) ?? [];
  const unit = /^(?:ms|milli\w*|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)$/i.test(word)
    ? word.toLowerCase()
    : "";
  if (unit.startsWith("d")) return `${Number(amount) * 24}h`;
  if (unit !== "") return `${amount}${/^(?:ms|milli)/.test(unit) ? "ms" : unit.slice(0, 1)}`;
  return "a number and ms, s, m or h right behind it";
}

const SIZE_BYTES = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
]);

/** `64MB` (10^6), `64KiB` (2^10), or bytes. In bytes. */
export function parseSize(written: string | number): Parsed<number> {
  return parseQuantity(
    written,
    SIZE_BYTES,
    "must be a size such as 500KB, 64MB or 64MiB",
    "a number and KB, MB or GB",
  );
}

const COUNT_FACTORS = new Map([
  ["", 1],
  ["k", 1e3],
  ["m", 1e6],
  ["g", 1e9],
]);

/** `500`, `10_000`, `200k`, `2M`, `1.5k`. */
export function parseCount(written: string | number): Parsed<number> {
  return parseQuantity(
    written,
    COUNT_FACTORS,
    "must be a count such as 500, 10_000, 200k or 2M",
    "a whole number, or one with k or M",
  );
}

function parseQuantity(
  written: string | number,
  factors: ReadonlyMap<string, number>,
  problem: string,
  instead: string,
): Parsed<number> {
  const match = /^(\d+(?:_\d+)*(?:\.\d+)?) ?([a-z]*)$/i.exec(String(written).trim());
  const factor = factors.get(match?.[2]?.toLowerCase() ?? "");
  if (match === null || factor === undefined) return { ok: false, problem, instead };
  const value = Number((match[1] ?? "").replaceAll("_", "")) * factor;
  // 1.1 * 1e3 is 1100.0000000000002: a fraction that small is the machine's, not the person's.
  const whole = Math.round(value);
  if (Math.abs(value - whole) > 1e-6)
    return { ok: false, problem: `${problem}, a whole number in the end`, instead };
  if (!Number.isSafeInteger(whole)) return { ok: false, problem: `${problem}, and not that large`, instead };
  return { ok: true, value: whole };
}
