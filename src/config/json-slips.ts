import type { Problem, Span } from "./diagnostic.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import type { Source } from "./source.ts";

/** Texts (a quote that is left open ends with its line), signs, and words, variables among them. */
const TOKEN = /"(?:\\.|[^"\\\r\n])*"?|[{}[\]:,]|(?:\$\{[^}\s]*\}?|[^\s{}[\]:,"])+/g;

/** A bracket that is open, and what may come next in it. */
interface Open {
  readonly bracket: "{" | "[";
  readonly at: number;
  wants: "name" | "colon" | "value" | "comma";
}

/**
 * The slips in how JSON is put together, where YAML's parser, which reads it, would stumble further on or in
 * terms of YAML: each name without quotes and each number of another kind, up to the first slip after which
 * nothing is sure. Texts without quotes are let pass.
 *
 * @param source  without comments
 */
export function jsonSlips(source: Source): Problem[] {
  const slips: Problem[] = [];
  const open: Open[] = [];
  let last = "";
  let lastSpan: Span = { start: 0, end: 0 };
  for (const { 0: token, index } of source.text.matchAll(TOKEN)) {
    const span = { start: index, end: index + token.length };
    const inside = open.at(-1);
    if (inside === undefined && last !== "") return [...slips, afterTheEnd(token, span)];
    const slip =
      inside === undefined ? undefined : slipAt({ token, span, inside, last, lastSpan, open, source });
    if (slip !== undefined) {
      slips.push(slip);
      // With the bracket that was left open out of the way, the one outside it may be closed here.
      const closes = OPENING[token];
      if (closes === undefined || inside?.bracket === closes || open.at(-2)?.bracket !== closes) return slips;
      open.pop();
    }
    const word = inside === undefined ? undefined : slipInWord(token, span, inside.wants);
    if (word !== undefined) slips.push(word);
    step(token, index, open);
    last = token;
    lastSpan = span;
  }
  return [...slips, ...open.map(openAtTheEnd)];
}

const OPENING: Readonly<Record<string, Open["bracket"]>> = { "}": "{", "]": "[" };

function openAtTheEnd({ bracket, at }: Open): Problem {
  return {
    span: { start: at, end: at + 1 },
    message: "this bracket is never closed",
    instead: `a ${bracket === "{" ? "}" : "]"} behind its last entry`,
  };
}

/** What JavaScript and YAML take and JSON does not; all else can be understood all the same. */
function slipInWord(token: string, span: Span, wants: Open["wants"]): Problem | undefined {
  if (wants === "name" && /^[\w$]/.test(token))
    return {
      span,
      message: "JSON has its names in double quotes",
      instead: SETTING_NAMES.has(token) ? `"${token}"` : 'a double quote before and behind it: "name"',
    };
  if (
    wants === "value" &&
    /^[+-]?\.?\d[\d.]*(?:e[+-]?\d+)?$|^0[xob]/i.test(token) &&
    !JSON_NUMBER.test(token)
  )
    return {
      span,
      message: "this is not a number as JSON has it",
      instead: "digits without a + or a 0 before them",
    };
  return undefined;
}

/** RFC 8259 §6. */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** Goes on past what is right. */
function step(token: string, at: number, open: Open[]): void {
  const inside = open.at(-1);
  if (token === "{" || token === "[") {
    if (inside !== undefined) inside.wants = "comma";
    open.push({ bracket: token, at, wants: token === "{" ? "name" : "value" });
  } else if (token === "}" || token === "]") open.pop();
  else if (inside === undefined) return;
  else if (token === ":") inside.wants = "value";
  else if (token === ",") inside.wants = inside.bracket === "{" ? "name" : "value";
  else inside.wants = inside.wants === "name" ? "colon" : "comma";
}

interface Met {
  readonly token: string;
  readonly span: Span;
  readonly inside: Open;
  /** What stands before it. */
  readonly last: string;
  readonly lastSpan: Span;
  readonly open: readonly Open[];
  readonly source: Source;
}

function slipAt(met: Met): Problem | undefined {
  const { token, span, inside } = met;
  if (inside.wants !== "colon" && /^"(?:\\.|[^"\\])*$/.test(token))
    return {
      span: { start: span.start, end: span.start + 1 },
      message: "this quote is never closed",
      instead: "a quote at the end of the text",
    };
  if (token === "}" || token === "]") return wrongBracket(met);
  switch (inside.wants) {
    case "name":
      return wrongName(token, span);
    case "colon":
      return noColon(met);
    case "value":
      return wrongValue(met);
    case "comma":
      return noComma(met);
  }
}

function wrongBracket({ token, span, inside, last, lastSpan, source }: Met): Problem | undefined {
  if (inside.wants === "colon")
    return {
      span: lastSpan,
      message: `${named(last)} has no value`,
      instead: "a colon and a value behind it",
    };
  const closing = inside.bracket === "{" ? "}" : "]";
  if (token === closing) return undefined;
  const { line } = source.position(span.start);
  return {
    span: { start: inside.at, end: inside.at + 1 },
    message: "this bracket is never closed",
    instead: `a ${closing} before the ${token} in line ${line}`,
  };
}

function wrongName(token: string, span: Span): Problem | undefined {
  if (token === ",") return { span, ...COMMA_TOO_MANY };
  if (/^[{[:]/.test(token))
    return { span, message: "the name of a setting is missing before this", instead: '"name": before it' };
  return undefined;
}

function noColon({ token, span, last, lastSpan }: Met): Problem | undefined {
  if (token === ":") return undefined;
  if (/:\s*"$/.test(last))
    return {
      span: lastSpan,
      message: "the quote behind the name is missing",
      instead: 'a quote before the colon: "name": value',
    };
  const sign = /^(?:=>?|-+>)/.exec(token)?.[0];
  if (sign !== undefined)
    return {
      span: { start: span.start, end: span.start + sign.length },
      message: "between a name and its value stands a colon",
      instead: `: instead of the ${sign}`,
    };
  if (token === ",")
    return {
      span: lastSpan,
      message: `${named(last)} has no value`,
      instead: "a colon and a value behind it",
    };
  return { span, message: `a colon is missing before this, behind ${named(last)}`, instead: '"name": value' };
}

function wrongValue({ token, span, inside, last }: Met): Problem | undefined {
  if (token === ":")
    return { span, message: "this colon is one too many", instead: "one between a name and its value" };
  if (token.startsWith("("))
    return {
      span: { start: span.start, end: span.start + 1 },
      message: "brackets of this kind hold nothing in JSON",
      instead: "{ } for settings, [ ] for a list",
    };
  // A name without a value in a map is told by the name of its setting, from what is read.
  return token === "," && (inside.bracket === "[" || last === ",") ? { span, ...COMMA_TOO_MANY } : undefined;
}

function noComma({ token, span, inside, last, lastSpan, source }: Met): Problem | undefined {
  if (token === ",") return undefined;
  if (token === ":")
    return inside.bracket === "["
      ? { span, message: "a list holds no names", instead: "{ } around the name and its value, or no name" }
      : { span, message: "a second colon behind one name", instead: "a comma before the next name" };
  const isOnItsLine = !/\n/.test(source.text.slice(lastSpan.end, span.start));
  // Words without quotes, one text to YAML.
  if (WORD.test(last) && WORD.test(token) && isOnItsLine) return undefined;
  if (token.startsWith(";") || last.endsWith(";")) {
    const start = token.startsWith(";") ? span.start : lastSpan.end - 1;
    return {
      span: { start, end: start + 1 },
      message: "between two settings or entries stands a comma",
      instead: ", instead of the ;",
    };
  }
  const { line } = source.position(lastSpan.start);
  return {
    span,
    message: `a comma is missing before ${named(token)}`,
    instead: isOnItsLine ? "a comma before it" : `a comma at the end of line ${line}`,
  };
}

const WORD = /^[^{}[\]:,";]/;

function afterTheEnd(token: string, span: Span): Problem {
  return token === "}" || token === "]"
    ? {
        span,
        message: "this bracket closes nothing",
        instead: "leave it out, or the one before it that closes too early",
      }
    : { span, message: "nothing may follow the last }", instead: "no more than one { … }" };
}

const COMMA_TOO_MANY: Omit<Problem, "span"> = {
  message: "this comma is one too many",
  instead: "one comma between two settings or entries",
};

/** As a message may show it: only what is a setting, since anything else may be a secret. */
function named(token: string): string {
  const name = token.replaceAll('"', "");
  return SETTING_NAMES.has(name) ? name : "this";
}
