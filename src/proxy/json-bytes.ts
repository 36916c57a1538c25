import { isDataString } from "./data-string.ts";

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const COMMA = 0x2c;
export const COLON = 0x3a;

/** Deeper nesting than any API takes; RFC 8259 §9 allows a parser such a bound. */
const MAX_DEPTH = 10_000;

/** Strings that are data rather than words (`isDataString`), as far as a value was read. */
export interface DataCount {
  strings: number;
  bytes: number;
}

/** A byte order mark is not JSON, but parsers may skip it (RFC 8259 §8.1). */
export function startOf(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** @returns the offset of the first byte from one on that is no white space, or the end */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at += 1;
  }
}

/** @returns the offset after the closing quote of the string that begins at `start`, or -1 */
export function endOfString(bytes: Buffer, start: number): number {
  let quote = bytes.indexOf(QUOTE, start + 1);
  while (quote >= 0) {
    let backslashes = 0;
    while (bytes[quote - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    quote = bytes.indexOf(QUOTE, quote + 1);
  }
  return -1;
}

/** As `endOfString`; counts the string where it is data. */
function endOfValueString(bytes: Buffer, start: number, data: DataCount): number {
  const end = endOfString(bytes, start);
  if (isDataString(bytes, start, end)) {
    data.strings += 1;
    data.bytes += end - start;
  }
  return end;
}

/** @returns the offset after the value, or -(offset of the fault) - 1 */
export function endOfValue(bytes: Buffer, start: number, data: DataCount): number {
  const first = bytes[start];
  if (first === QUOTE) {
    const end = endOfValueString(bytes, start, data);
    return end < 0 ? -bytes.length - 1 : end;
  }
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return endOfLiteral(bytes, start);

  // The closers that are due, innermost last; what stands between them is skipped, not checked.
  const due: number[] = [];
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = endOfValueString(bytes, at, data);
      if (at < 0) return -bytes.length - 1;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (due.length === MAX_DEPTH) return -at - 1;
      due.push(byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (due.pop() !== byte) return -at - 1;
      if (due.length === 0) return at + 1;
    }
    at += 1;
  }
  return -bytes.length - 1;
}

/** A number, `true`, `false` or `null`. */
function endOfLiteral(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const byte = bytes[at];
    const isLiteral =
      byte !== undefined &&
      ((byte >= 0x30 && byte <= 0x39) ||
        (byte >= 0x61 && byte <= 0x7a) ||
        byte === 0x2d ||
        byte === 0x2b ||
        byte === 0x2e ||
        byte === 0x45);
    if (!isLiteral) return at === start ? -at - 1 : at;
    at += 1;
  }
}

/** Whether a byte may begin a JSON value that is no object. */
export function looksLikeValue(byte: number | undefined): boolean {
  return (
    byte === OPEN_BRACKET ||
    byte === QUOTE ||
    (byte !== undefined &&
      ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d))
  );
}

/** The text of a string that stands between two offsets, quotes included; undefined where it is not a valid one. */
export function readString(bytes: Buffer, start: number, end: number): string | undefined {
  const raw = bytes.toString("utf8", start + 1, end - 1);
  if (!raw.includes("\\")) return raw;
  try {
    const value: unknown = JSON.parse(`"${raw}"`);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
