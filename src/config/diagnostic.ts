import type { Source } from "./source.ts";

/** A stretch of the source, in offsets; the end is not part of it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Something wrong in a config file, before it is put into words with its place. */
export interface Problem {
  readonly span: Span;
  readonly message: string;
  /** What to write instead. */
  readonly instead?: string;
  /** The variable that is set nowhere, where that is all: another process may have it. */
  readonly unset?: string;
}

/** An error in a config file, ready to be shown. Holds no secret. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly instead: string | undefined;
  /** As of a `Problem`. */
  readonly unset: string | undefined;
  /** The line of the source with secrets masked, and the carets under the culprit. */
  readonly excerpt: readonly [line: string, carets: string];
}

/** The problems in file order with their places, each said once. */
export function diagnose(source: Source, problems: readonly Problem[], masks: readonly Span[]): Diagnostic[] {
  const seen = new Set<string>();
  const sorted = problems.toSorted((a, b) => a.span.start - b.span.start);
  const diagnostics: Diagnostic[] = [];
  for (const problem of sorted) {
    // What an alias stands for is read as often as it is used, each time as another entry.
    const identity = `${problem.span.start} ${problem.message.replaceAll(/\[\d+\]/g, "[]")}`;
    if (seen.has(identity)) continue;
    seen.add(identity);
    diagnostics.push({
      file: source.path,
      ...source.position(problem.span.start),
      message: problem.message,
      instead: problem.instead,
      unset: problem.unset,
      excerpt: excerpt(source, problem.span, masks),
    });
  }
  return diagnostics;
}

/** The form in which a person reads it: place and message, source line, carets, advice. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, message, instead } = diagnostic;
  const gutter = String(line).padStart(5);
  const lines = [
    `${file}:${line}:${column}  ${message}`,
    `${gutter} | ${diagnostic.excerpt[0]}`,
    `      | ${diagnostic.excerpt[1]}`.trimEnd(),
  ];
  if (instead !== undefined) lines.push(`      = ${instead}`);
  return lines.join("\n");
}

/** How much of a long line is shown to each side of the culprit, in characters. */
const CONTEXT = 60;

interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** The source line with each mask as `…`, and carets that line up whatever was masked, tabbed or wide. */
function excerpt(source: Source, span: Span, masks: readonly Span[]): [string, string] {
  const line = source.lineRange(span.start);
  const near = masks.filter((mask) => mask.start < line.end && mask.end > line.start);
  near.sort((a, b) => a.start - b.start);
  let pieces: Piece[] = [];
  let next = 0;
  for (let at = line.start; at < line.end;) {
    while ((near[next]?.end ?? Infinity) <= at) next++;
    const candidate = near[next];
    const mask = candidate !== undefined && candidate.start <= at ? candidate : undefined;
    const end = mask === undefined ? at + characterLength(source.text, at) : Math.min(mask.end, line.end);
    const text = mask === undefined ? asShown(source.text.slice(at, end)) : "…";
    pieces.push({ text, marked: at < Math.max(span.end, span.start + 1) && end > span.start });
    at = end;
  }
  const first = pieces.findIndex((piece) => piece.marked);
  const last = pieces.findLastIndex((piece) => piece.marked);
  if (first === -1) return [join(pieces), `${blank(pieces)}^`];
  const from = first > CONTEXT ? first - CONTEXT : 0;
  const until = Math.min(pieces.length, Math.max(first + 1, Math.min(last + 1, first + CONTEXT)) + CONTEXT);
  const ahead: Piece[] = from > 0 ? [{ text: "…", marked: false }] : [];
  const behind: Piece[] = until < pieces.length ? [{ text: "…", marked: false }] : [];
  pieces = [...ahead, ...pieces.slice(from, until), ...behind];
  const marked = pieces.filter((piece) => piece.marked);
  const start = pieces.findIndex((piece) => piece.marked);
  return [join(pieces).trimEnd(), blank(pieces.slice(0, start)) + "^".repeat(Math.max(1, width(marked)))];
}

/** What would move, hide or turn around the text of a terminal takes a place as any other character. */
function asShown(character: string): string {
  return /[^\t\P{Cc}]|[\p{Zl}\p{Zp}\u200B\u202A-\u202E\u2060-\u2069\uFEFF]/u.test(character)
    ? "\uFFFD"
    : character;
}

/** The length in UTF-16 units of the character at an offset, so that no surrogate pair is split. */
function characterLength(text: string, offset: number): number {
  return (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
}

function join(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join("");
}

/** As many columns of nothing as the pieces take; a tab stays one, whatever width the terminal gives it. */
function blank(pieces: readonly Piece[]): string {
  return join(pieces)
    .split("\t")
    .map((part) => " ".repeat(Bun.stringWidth(part)))
    .join("\t");
}

function width(pieces: readonly Piece[]): number {
  return Bun.stringWidth(join(pieces).trimEnd());
}
