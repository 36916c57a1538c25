import {
  startOf,
  skipSpace,
  endOfString,
  endOfValue,
  looksLikeValue,
  readString,
  type DataCount,
  QUOTE,
  BACKSLASH,
  OPEN_BRACE,
  CLOSE_BRACE,
  OPEN_BRACKET,
  CLOSE_BRACKET,
  COMMA,
  COLON,
} from "./json-bytes.ts";

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
