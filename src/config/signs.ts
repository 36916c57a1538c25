import { isScalar, visit, type Document, type Node } from "yaml";
import type { Problem, Span } from "./diagnostic.ts";
import type { Source } from "./source.ts";

/**
 * Signs that look like the blanks which YAML goes by, or like nothing, where it goes by them: all of them, to
 * be told in place of what the parser makes of such lines.
 */
export function signsOutOfPlace(source: Source, document: Document.Parsed): Problem[] {
  const oldBreak = source.text.search(/\r(?!\n)/);
  if (oldBreak !== -1) return [{ span: { start: oldBreak, end: oldBreak + 1 }, ...OLD_BREAK }];
  const within = whereAnythingMayStand(document);
  return [...source.text.matchAll(/[^\r\n]+/g)].flatMap(({ 0: line, index }) => {
    const problem = tabIn(line, index) ?? unseenSign(line, index);
    const start = problem?.span.start ?? 0;
    return problem === undefined || within.some((span) => span.start < start && start < span.end)
      ? []
      : [problem];
  });
}

const OLD_BREAK: Omit<Problem, "span"> = {
  message: "here stands U+000D alone, which no longer ends a line",
  instead: "line breaks of the usual kind, LF or CRLF, in the whole file",
};

/** Before what a line holds, or behind the dash of an entry. */
const TAB = /^( *(?:- *)*)(\t+)[\t ]*[^\s#]/;

function tabIn(line: string, at: number): Problem | undefined {
  const [, before = "", tabs] = TAB.exec(line) ?? [];
  if (tabs === undefined) return undefined;
  const start = at + before.length;
  return {
    span: { start, end: start + tabs.length },
    message: "a tab cannot indent YAML",
    instead: "spaces",
  };
}

/** Blanks of other kinds than the plain one, as pages and chats have them, and what has no width at all. */
const BLANKS = String.raw`\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000`;
const WITHOUT_WIDTH = String.raw`\u00AD\u200B-\u200F\u2060\uFEFF`;

/** In the indentation, within or behind a name, or behind its colon; a value may hold what it likes. */
const UNSEEN = new RegExp(
  String.raw`^([ \t]*(?:- *)*(?:[\w$.]*|["']?[\w$.]+["']? *: *))([${BLANKS}${WITHOUT_WIDTH}]+)`,
);

/**
 * A sign that is taken for a blank or for nothing by who looks at a line, and for a part of a word by YAML.
 *
 * @param at  where the line begins
 */
export function unseenSign(line: string, at: number): Problem | undefined {
  const [, before = "", signs = ""] = UNSEEN.exec(line) ?? [];
  if (signs === "") return undefined;
  const code = `U+${signs.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  const start = at + before.length;
  const span = { start, end: start + signs.length };
  return new RegExp(`[${BLANKS}]`).test(signs)
    ? { span, message: `this is ${code}, which only looks like a blank`, instead: "a plain blank" }
    : { span, message: `here stands ${code}, which cannot be seen`, instead: "nothing in its place" };
}

function holds({ range }: Node, offset: number): boolean {
  const [start = 0, end = start] = range ?? [];
  return start <= offset && offset <= end;
}

/** Within brackets, in quotes and in texts over several lines. */
function whereAnythingMayStand(document: Document.Parsed): Span[] {
  const spans: Span[] = [];
  const add = (range: readonly number[] | null | undefined): void => {
    const [start = 0, end = start] = range ?? [];
    spans.push({ start, end });
  };
  visit(document, {
    Collection(_key, collection) {
      // Within what is indented, lines in brackets are too, and the parser ends them at one that is not.
      const sound =
        collection === document.contents || !document.errors.some(({ pos }) => holds(collection, pos[0]));
      if (collection.flow === true && sound) add(collection.range);
    },
    Node(_key, node) {
      if (isScalar(node) && node.type !== "PLAIN") add(node.range);
    },
  });
  return spans;
}
