import { parseDocument, visit, type Alias, type Document, type Node, type YAMLError } from "yaml";
import { resolveAliases } from "./anchors.ts";
import type { Problem, Span } from "./diagnostic.ts";
import { explain } from "./explain.ts";
import { nestsTooDeep } from "./nesting.ts";
import { signsOutOfPlace } from "./signs.ts";
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
  const nesting = nestsTooDeep(source.text);
  if (nesting !== undefined)
    return { contents: undefined, aliases: new Map(), problems: [nesting], readable: false };
  // `logLevel: error` keeps the library from writing warnings, with parts of the file, to the terminal.
  const document = parseDocument(source.text, { merge: true, prettyErrors: false, logLevel: "error" });
  const flaws = [...document.errors, ...document.warnings].toSorted(
    (a, b) => a.pos[0] - b.pos[0] || rankOf(a) - rankOf(b),
  );
  const signs = flaws.length === 0 ? [] : signsOutOfPlace(source, document);
  // What the parser stumbles over from the line before such a sign on may be the sign's doing.
  const firstSign = signs[0] === undefined ? Infinity : source.position(signs[0].span.start).line - 1;
  const problems: Problem[] = [];
  const seenLines = new Set<number>();
  for (const flaw of flaws) {
    if (source.position(Math.min(flaw.pos[0], source.text.length)).line >= firstSign) {
      problems.push(...signs);
      break;
    }
    const opened = whatIsLeftOpen(source.text, document, flaw);
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
function whatIsLeftOpen(text: string, document: Document.Parsed, flaw: YAMLError): Problem | undefined {
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
  const span = { start, end: start + 1 };
  if (quote) {
    return {
      span,
      message: "this quote is never closed",
      instead: `a ${text[start]} at the end of the text`,
    };
  }
  const closing = text[start] === "{" ? "}" : "]";
  return { span, message: "this bracket is never closed", instead: `a ${closing} behind its last entry` };
}

function unknownAlias({ range }: Alias): Problem {
  const [start = 0, end = start] = range ?? [];
  const message = "this is an alias of nothing; text that begins with *, as a glob may, must be in quotes";
  return { span: { start, end }, message, instead: '"*-mini"' };
}
