import { parseDocument, visit, type Alias, type Document, type Node, type YAMLError } from "yaml";
import { resolveAliases } from "./anchors.ts";
import type { Problem, Span } from "./diagnostic.ts";
import { showName } from "./secrecy.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import { missingComma, missingSpace, tooDeep } from "./slips.ts";
import type { Source } from "./source.ts";

export interface Syntax {
  /** undefined where the file holds nothing. */
  readonly contents: Node | undefined;
  /** What each of YAML's own aliases stands for. */
  readonly aliases: ReadonlyMap<Alias, Node>;
  readonly problems: readonly Problem[];
  /** The structure can be trusted although there may be problems: only keys stand twice. */
  readonly readable: boolean;
}

/** Reads YAML, which JSON is a part of, and says what is wrong with it in words of our own. */
export function parseSyntax(source: Source): Syntax {
  // `logLevel: error` keeps the library from writing warnings, with parts of the file, to the terminal.
  const document = parseDocument(source.text, { merge: true, prettyErrors: false, logLevel: "error" });
  const flaws = [...document.errors, ...document.warnings].toSorted(
    (a, b) => a.pos[0] - b.pos[0] || rankOf(a) - rankOf(b),
  );
  const problems: Problem[] = [];
  const seenLines = new Set<number>();
  let sawTab = false;
  for (const flaw of flaws) {
    // One habit of an editor, told once.
    if (flaw.code === "TAB_AS_INDENT" && sawTab) continue;
    sawTab ||= flaw.code === "TAB_AS_INDENT";
    const opened = whatIsLeftOpen(document, flaw);
    if (opened !== undefined) {
      problems.splice(0, Infinity, opened);
      break;
    }
    const span: Span = { start: Math.min(flaw.pos[0], source.text.length), end: flaw.pos[1] };
    // One slip makes the parser stumble several times on: only its first word for a line is told.
    const { line } = source.position(span.start);
    if (seenLines.has(line)) continue;
    seenLines.add(line);
    problems.push({ span, ...explain(flaw, source) });
  }
  const contents = document.contents ?? undefined;
  const aliases = resolveAliases(source.text, contents);
  for (const alias of aliases.unknown) {
    const problem = unknownAlias(alias);
    if (!seenLines.has(source.position(problem.span.start).line)) problems.push(problem);
  }
  return {
    contents,
    aliases: aliases.targets,
    problems,
    readable: flaws.every((flaw) => flaw.code === "DUPLICATE_KEY"),
  };
}

/** What tells more of a place comes first. */
function rankOf({ code }: YAMLError): number {
  return code === "BLOCK_IN_FLOW" ? 0 : 1;
}

/** A missing end is noticed far behind its beginning; the beginning is what the person has to look at. */
function whatIsLeftOpen(document: Document.Parsed, flaw: YAMLError): Problem | undefined {
  const quote = flaw.code === "MISSING_CHAR" && flaw.message.startsWith("Missing closing");
  if (!quote && !/must(?: be sufficiently indented and)? end with a [}\]]/.test(flaw.message))
    return undefined;
  let start: number | undefined;
  const remember = (range: readonly number[] | null | undefined): void => {
    const [from = 0, to = 0] = range ?? [];
    if (from < flaw.pos[1] && to >= flaw.pos[0]) start = from;
  };
  visit(document, {
    Scalar(_key, scalar) {
      if (quote && scalar.type?.startsWith("QUOTE") === true) remember(scalar.range);
    },
    Collection(_key, collection) {
      if (!quote && collection.flow === true) remember(collection.range);
    },
  });
  if (start === undefined) return undefined;
  return { span: { start, end: start + 1 }, message: `this ${quote ? "quote" : "bracket"} is never closed` };
}

/** Its `span` where the culprit is not where the parser stumbled. */
type Explanation = Omit<Problem, "span"> & Partial<Pick<Problem, "span">>;

function explain(flaw: YAMLError, source: Source): Explanation {
  const line = source.lineRange(flaw.pos[0]);
  const slip = missingSpace(
    source.text,
    line.start,
    Math.max(line.end, Math.min(flaw.pos[1], source.text.length)),
  );
  if (slip !== undefined && flaw.code !== "DUPLICATE_KEY") return slip;
  const lineText = source.text.slice(line.start, line.end);
  if (flaw.code !== "DUPLICATE_KEY" && /[[{,:]\s*\$\{/.test(lineText) && /[[{].*\$\{/.test(lineText)) {
    return { message: "a variable within [ ] or { } must be in quotes", instead: '"${NAME}"' };
  }
  const misplaced =
    flaw.message === "Sequence item without - indicator"
      ? /^(\s*)["']?[\w$-]+["']?(?=\s*:)/.exec(lineText)
      : null;
  if (misplaced !== null) {
    const start = line.start + (misplaced[1]?.length ?? 0);
    const span: Span = { start, end: line.start + misplaced[0].length };
    return { ...MISPLACED, span, message: `${settingAt(source, start)} ${MISPLACED.message}` };
  }
  const deeper = flaw.code === "BLOCK_AS_IMPLICIT_KEY" ? tooDeep(source.text, flaw.pos[0]) : undefined;
  if (deeper !== undefined) {
    const { span, spaces } = deeper;
    const few = `${spaces === 0 ? "no spaces" : spaces === 1 ? "one space" : `${spaces} spaces`} before it`;
    const message = `${settingAt(source, span.start)} ${MISPLACED.message}`;
    return { span, message, instead: `${few}, as before the settings beside it` };
  }
  // The library's own words may repeat parts of the file, secrets too, so only ours are used.
  const explanation = EXPLANATIONS[flaw.code] ?? SOMETHING_ELSE;
  if (flaw.code === "BLOCK_IN_FLOW") {
    const start = missingComma(source.text, flaw.pos[0]);
    if (start === undefined) return explanation;
    const span = { start, end: start + wordLength(source.text, start) };
    const name = settingAt(source, start);
    return { span, message: `a comma is missing before ${SETTING_NAMES.has(name) ? name : "this"}` };
  }
  if (!NAMES_SETTING.has(flaw.code)) return explanation;
  // The parser points at the beginning of the line where a map has no indentation around it.
  const [blank = ""] = /^[ \t]*/.exec(source.text.slice(flaw.pos[0], line.end)) ?? [];
  const start = flaw.pos[0] + blank.length;
  const span = blank === "" ? {} : { span: { start, end: start + wordLength(source.text, start) } };
  return { ...explanation, ...span, message: `${settingAt(source, start)} ${explanation.message}` };
}

function wordLength(text: string, at: number): number {
  return /^(?:"(?:\\.|[^"\\\r\n])*"|[^\s:,[\]{}]+)/.exec(text.slice(at))?.[0].length ?? 1;
}

/** What these say begins with the name of the setting at the place. */
const NAMES_SETTING: ReadonlySet<YAMLError["code"]> = new Set(["BAD_INDENT", "DUPLICATE_KEY"]);

/** The name that stands before the next colon of the line, as messages may show it. */
function settingAt(source: Source, offset: number): string {
  const rest = source.text.slice(offset, source.lineRange(offset).end);
  const name = /^\s*(["']?)([^"':\s]+)\1\s*:/.exec(rest)?.[2];
  return name === undefined ? "this" : showName(name);
}

const SOMETHING_ELSE: Explanation = {
  message: "this is not valid YAML: look for a missing quote, bracket, comma or colon",
};

const MISPLACED: Explanation = {
  message: "is not indented as what it belongs to",
  instead: "as many spaces before it as before the settings beside it",
};

const EXPLANATIONS: Readonly<Partial<Record<YAMLError["code"], Explanation>>> = {
  BAD_ALIAS: { message: "a value that begins with * must be in quotes", instead: '"*"' },
  BAD_DIRECTIVE: { message: "this is not a directive that YAML knows" },
  BAD_DQ_ESCAPE: {
    message: "this is not an escape that a quoted text may hold",
    instead: "\\\\ for a backslash",
  },
  BAD_INDENT: MISPLACED,
  BAD_SCALAR_START: { message: "a value that begins with this sign must be in quotes" },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a second colon or list on one line, or an indentation that fits nothing",
  },
  BLOCK_IN_FLOW: { message: "a comma is missing before this, or a bracket is not closed" },
  DUPLICATE_KEY: { message: "stands here for the second time; each setting may be given once" },
  KEY_OVER_1024_CHARS: { message: "this is too long for the name of a setting" },
  MISSING_CHAR: { message: "a closing quote or bracket, a comma or a colon is missing before this" },
  MULTILINE_IMPLICIT_KEY: { message: "the name of a setting must be on one line and end with a colon" },
  MULTIPLE_DOCS: {
    message: "a second document begins here; a config is one",
    instead: "no such line, or nothing from here on",
  },
  TAB_AS_INDENT: { message: "a tab cannot indent YAML", instead: "spaces" },
  TAG_RESOLVE_FAILED: { message: "this is a tag that means nothing here" },
  UNEXPECTED_TOKEN: {
    message: "this was not expected here: a quote, bracket, comma or colon before it is missing or too many",
  },
};

function unknownAlias({ range }: Alias): Problem {
  const [start = 0, end = start] = range ?? [];
  const message = "this is an alias of nothing; text that begins with *, as a glob may, must be in quotes";
  return { span: { start, end }, message, instead: '"*-mini"' };
}
