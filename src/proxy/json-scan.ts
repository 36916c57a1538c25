import { isDataString } from "./data-string.ts";

/** Where a member of a JSON object stands in its text: byte offsets, the end exclusive. */
export interface MemberSpan {
  /** `string`, or any other value. */
  readonly kind: "string" | "other";
  readonly start: number;
  readonly end: number;
}

export type ScanResult =
  | {
      readonly kind: "found";
      readonly members: ReadonlyMap<string, MemberSpan>;
      /** Strings at any depth that are data rather than words: see `isDataString`. */
      readonly data: { readonly strings: number; readonly bytes: number };
    }
  | { readonly kind: "malformed"; readonly offset: number; readonly reason: string }
  /** A wanted member stands twice; `offset` is where its second name begins. */
  | { readonly kind: "duplicate"; readonly offset: number }
  /** Valid so far, but an array, a string, a number. */
  | { readonly kind: "not-an-object" };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Deeper nesting than any API takes; RFC 8259 §9 allows a parser such a bound. */
const MAX_DEPTH = 10_000;

/**
 * Finds the wanted top-level members of a JSON object without parsing the rest: one pass over the bytes
 * in which strings, which are nearly all of a request (prompts, base64 images), are skipped by native
 * search. The object's own members are checked to the comma; of the values within, only that brackets
 * match and strings end. The rest, such as how a number is spelled, is left to the upstream.
 *
 * Names are compared without regard to case, as Go's parsers do. A wanted member that stands twice is
 * told: parsers disagree on which one counts, so what was checked here might not be what the upstream
 * reads.
 *
 * @param bytes   UTF-8, as received
 * @param wanted  names in lower case, as the result has them
 * @param noted   further names; of one that stands twice the last is taken, as by most parsers
 */
export function scanTopLevel(
  bytes: Buffer,
  wanted: ReadonlySet<string>,
  noted: ReadonlySet<string> = wanted,
): ScanResult {
  const members = new Map<string, MemberSpan>();
  const lengths = lengthsOf(wanted) | lengthsOf(noted);
  const data: DataCount = { strings: 0, bytes: 0 };
  const end = bytes.length;
  let at = skipSpace(bytes, startOf(bytes));
  if (at >= end) return malformed(end, "the body is empty");
  if (bytes[at] !== OPEN_BRACE) {
    return looksLikeValue(bytes[at])
      ? { kind: "not-an-object" }
      : malformed(at, "a JSON object should begin here");
  }
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === CLOSE_BRACE) return afterEnd(bytes, at + 1, members, data);

  for (;;) {
    if (bytes[at] !== QUOTE) return malformed(at, "a quoted field name should stand here");
    const nameEnd = endOfString(bytes, at);
    if (nameEnd < 0) return malformed(end, "a string is not closed");
    const nameStart = at;
    const name = mayBeAny(lengths, bytes, nameStart, nameEnd)
      ? readString(bytes, nameStart, nameEnd)?.toLowerCase()
      : "";
    if (name === undefined) return malformed(nameStart, "this string is not valid");
    at = skipSpace(bytes, nameEnd);
    if (bytes[at] !== COLON) return malformed(at, "a colon should stand here");
    at = skipSpace(bytes, at + 1);
    const start = at;
    const valueEnd = endOfValue(bytes, at, data);
    if (valueEnd < 0) return malformed(-valueEnd - 1, "the JSON breaks off or is out of order here");
    const isWanted = wanted.has(name);
    if (isWanted || noted.has(name)) {
      if (isWanted && members.has(name)) return { kind: "duplicate", offset: nameStart };
      members.set(name, spanOf(bytes, start, valueEnd));
    }
    at = skipSpace(bytes, valueEnd);
    if (bytes[at] === CLOSE_BRACE) return afterEnd(bytes, at + 1, members, data);
    if (bytes[at] !== COMMA) return malformed(at, "a comma or the end of the object should stand here");
    at = skipSpace(bytes, at + 1);
  }
}

const lengthsBySet = new WeakMap<ReadonlySet<string>, number>();

/** Bit n is set where one of the names has n characters; names are of fewer than 31, in ASCII. */
function lengthsOf(names: ReadonlySet<string>): number {
  let lengths = lengthsBySet.get(names);
  if (lengths === undefined) {
    lengths = 0;
    for (const name of names) lengths |= 1 << name.length;
    lengthsBySet.set(names, lengths);
  }
  return lengths;
}

/** Whether a name has to be read: most are told by their length, and making a string of each costs more. */
function mayBeAny(lengths: number, bytes: Buffer, start: number, end: number): boolean {
  const length = end - start - 2;
  if (length > 30 || (lengths >> length) & 1) return true;
  for (let at = start + 1; at < end; at += 1) if (bytes[at] === BACKSLASH) return true;
  return false;
}

/** Whether bytes begin like a JSON object; undefined where all of them may stand before anything. */
export function beginsLikeObject(bytes: Uint8Array): boolean | undefined {
  const first = bytes[skipSpace(bytes, startOf(bytes))];
  return first === undefined ? undefined : first === OPEN_BRACE;
}

/** A byte order mark is not JSON, but parsers may skip it (RFC 8259 §8.1). */
function startOf(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** The items of a JSON array that is all of the bytes, as spans in them; none where it is not a valid one. */
export function scanItems(bytes: Buffer): MemberSpan[] {
  const items: MemberSpan[] = [];
  if (bytes[0] !== OPEN_BRACKET) return items;
  let at = skipSpace(bytes, 1);
  while (bytes[at] !== CLOSE_BRACKET) {
    const end = endOfValue(bytes, at, { strings: 0, bytes: 0 });
    if (end < 0) return [];
    items.push(spanOf(bytes, at, end));
    at = skipSpace(bytes, end);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
    else if (bytes[at] !== CLOSE_BRACKET) return [];
  }
  return items;
}

/** The text of a string member, escapes resolved; undefined where it is no string or not a valid one. */
export function readMember(bytes: Buffer, span: MemberSpan): string | undefined {
  return span.kind === "string" ? readString(bytes, span.start, span.end) : undefined;
}

interface DataCount {
  strings: number;
  bytes: number;
}

function spanOf(bytes: Buffer, start: number, end: number): MemberSpan {
  return { kind: bytes[start] === QUOTE ? "string" : "other", start, end };
}

function malformed(offset: number, reason: string): ScanResult {
  return { kind: "malformed", offset, reason };
}

function afterEnd(
  bytes: Buffer,
  at: number,
  members: ReadonlyMap<string, MemberSpan>,
  data: DataCount,
): ScanResult {
  const rest = skipSpace(bytes, at);
  if (rest < bytes.length) return malformed(rest, "the body goes on after its end");
  return { kind: "found", members, data };
}

function skipSpace(bytes: Uint8Array, from: number): number {
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
function endOfValue(bytes: Buffer, start: number, data: DataCount): number {
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

function looksLikeValue(byte: number | undefined): boolean {
  return (
    byte === OPEN_BRACKET ||
    byte === QUOTE ||
    (byte !== undefined &&
      ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d))
  );
}

function readString(bytes: Buffer, start: number, end: number): string | undefined {
  const raw = bytes.toString("utf8", start + 1, end - 1);
  if (!raw.includes("\\")) return raw;
  try {
    const value: unknown = JSON.parse(`"${raw}"`);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
