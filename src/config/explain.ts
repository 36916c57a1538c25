import type { YAMLError } from "yaml";
import type { Problem, Span } from "./diagnostic.ts";
import { showName } from "./secrecy.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import { missingComma, slipInLines, strayDash, tooDeep } from "./slips.ts";
import type { Source } from "./source.ts";

/** Its `span` where the culprit is not where the parser stumbled. */
type Explanation = Omit<Problem, "span"> & Partial<Pick<Problem, "span">>;

/** What the YAML library stumbled over, in words of our own. */
export function explain(flaw: YAMLError, source: Source): Explanation {
  const line = source.lineRange(flaw.pos[0]);
  const slip = slipInLines(
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
  const dash = flaw.code === "DUPLICATE_KEY" ? undefined : strayDash(source, flaw.pos[0]);
  if (dash !== undefined) return dash;
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
    if (/^-[\s,\]]/.test(source.text.slice(flaw.pos[0], flaw.pos[0] + 2))) return DASH_IN_BRACKETS;
    const start = missingComma(source.text, flaw.pos[0]);
    if (start === undefined) return explanation;
    const span = { start, end: start + wordLength(source.text, start) };
    const name = settingAt(source, start);
    return {
      span,
      message: `a comma is missing before ${SETTING_NAMES.has(name) ? name : "this"}`,
      instead: "a comma before it",
    };
  }
  if (flaw.code === "BAD_SCALAR_START")
    return {
      ...explanation,
      message: `a value that begins with ${source.text[flaw.pos[0]]} must be in quotes`,
    };
  if (flaw.code === "BAD_ALIAS" && source.text[flaw.pos[0]] === "&") return NAMELESS_ANCHOR;
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
  message: "this is not valid YAML",
  instead: "the quote, bracket, comma or colon that is missing before it",
};

const DASH_IN_BRACKETS: Explanation = {
  message: "a dash begins no entry within [ ] or { }",
  instead: "a comma between two entries, or quotes around a dash that is meant",
};

const NAMELESS_ANCHOR: Explanation = {
  message: "a value that begins with & must be in quotes, and an anchor has its name right behind the &",
  instead: '"&…", or &name',
};

const MISPLACED: Explanation = {
  message: "is not indented as what it belongs to",
  instead: "as many spaces before it as before the settings beside it",
};

const EXPLANATIONS: Readonly<Partial<Record<YAMLError["code"], Explanation>>> = {
  BAD_ALIAS: { message: "a value that begins with * must be in quotes", instead: '"*"' },
  BAD_DIRECTIVE: {
    message: "this is not a directive that YAML knows",
    instead: "no such line, or quotes around a value",
  },
  BAD_DQ_ESCAPE: {
    message: "this is not an escape that a quoted text may hold",
    instead: "\\\\ for a backslash",
  },
  BAD_INDENT: MISPLACED,
  BAD_SCALAR_START: { message: "a value that begins with this sign must be in quotes", instead: '"…"' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a second colon or list on one line, or an indentation that fits nothing",
    instead: "each setting on a line of its own, indented as those beside it",
  },
  BLOCK_IN_FLOW: {
    message: "a comma is missing before this, or a bracket is not closed",
    instead: "a comma before it, or the closing bracket",
  },
  DUPLICATE_KEY: {
    message: "stands here for the second time; each setting may be given once",
    instead: "one of the two",
  },
  KEY_OVER_1024_CHARS: {
    message: "this is too long for the name of a setting",
    instead: "a colon behind the name, or quotes around the value",
  },
  MISSING_CHAR: {
    message: "a closing quote or bracket, a comma or a colon is missing before this",
    instead: "what is missing, or a blank more before a bracket that is indented too little",
  },
  MULTILINE_IMPLICIT_KEY: {
    message: "the name of a setting must be on one line and end with a colon",
    instead: "name: value",
  },
  MULTIPLE_DOCS: {
    message: "a second document begins here; a config is one",
    instead: "no such line, or nothing from here on",
  },
  TAB_AS_INDENT: { message: "a tab cannot indent YAML", instead: "spaces" },
  TAG_RESOLVE_FAILED: {
    message: "this is a tag that means nothing here",
    instead: "the value without it, or in quotes",
  },
  UNEXPECTED_TOKEN: {
    message: "this was not expected here: a quote, bracket, comma or colon before it is missing or too many",
    instead: "nothing from here to the end of the line, or quotes around the whole value",
  },
};
