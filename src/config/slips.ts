import type { Problem } from "./diagnostic.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import { unseenSign } from "./signs.ts";
import type { Source } from "./source.ts";

/*
 * Slips that are plain to a person who looks at the text, and that the parser stumbles over somewhere else
 * or takes for something else.
 */

/**
 * What is wrong with one of some lines by itself: `key:sk-…`, and `-key: …` in a list, where YAML wants a
 * space; `key = …`; a sign that is not seen.
 */
export function slipInLines(text: string, start: number, end: number): Problem | undefined {
  for (const { 0: line, index } of text.slice(start, end).matchAll(/[^\r\n]+/g)) {
    const at = start + index;
    const unseen = unseenSign(line, at);
    if (unseen !== undefined) return unseen;
    // Behind a name in quotes, as JSON has it, none is needed.
    const [, dash = "", bare = ""] = /^(\s*(?:- +)*)(\w+):(?=\S)/.exec(line) ?? [];
    if (SETTING_NAMES.has(bare)) {
      const colon = at + line.indexOf(":", dash.length);
      return {
        span: { start: colon, end: colon + 1 },
        message: `a space is missing after the colon of ${bare}`,
        instead: `${bare}: and then its value`,
      };
    }
    const [, indent = "", name = ""] = /^(\s*)-(\w+)\s*:(?:\s|$)/.exec(line) ?? [];
    if (SETTING_NAMES.has(name)) {
      const behind = at + indent.length + 1;
      return {
        span: { start: behind, end: behind + name.length },
        message: `a space is missing between the dash and ${name}`,
        instead: `- ${name}: and then its value`,
      };
    }
    const [, before = "", given = "", sign = ""] = /^(\s*(?:- +)*)(\w+) *(=>?|->|：)/.exec(line) ?? [];
    if (SETTING_NAMES.has(given)) {
      const begin = at + line.indexOf(sign, before.length);
      return {
        span: { start: begin, end: begin + sign.length },
        message: `between ${given} and its value stands a colon, not ${sign}`,
        instead: `${given}: and then its value`,
      };
    }
  }
  return undefined;
}

/**
 * Where the member of a map or list in brackets begins that has no comma before it.
 *
 * @param start  of what the parser took for one value, though two are in it
 */
export function missingComma(text: string, start: number): number | undefined {
  const both = text.slice(start);
  const first =
    /^(?:"(?:\\.|[^"\\])*"|'(?:[^']|'')*')\s+(?=\S)/.exec(both) ??
    /^[^\s"'[\]{},][^"'[\]{},\n]*?\s+(?=["']?[\w$-]+["']?\s*:)/.exec(both);
  return first === null ? undefined : start + first[0].length;
}

/**
 * What is indented further than the name before it, whose value is on its line: YAML takes both lines for one
 * text, with a colon in it.
 *
 * @param value  where that value begins
 * @returns where the name or the dash stands, and how many spaces belong before it
 */
export function tooDeep(
  text: string,
  value: number,
): { readonly span: Problem["span"]; readonly spaces: number } | undefined {
  const start = text.lastIndexOf("\n", value - 1) + 1;
  const named = /^( *)((?:- +)*)["']?[\w.$-]+["']? *: +$/.exec(text.slice(start, value));
  const [first = "", ...rest] = text.slice(value).split("\n");
  if (named === null || /:(?:\s|$)/.test(first)) return undefined;
  const [, { length: blanks } = "", { length: dashes } = ""] = named;
  let at = value + first.length + 1;
  for (const line of rest) {
    const [, indent = "", dash = "", name] =
      /^( *)((?:- +)*)(?:(["']?[\w.$-]+["']?) *:(?:\s|$))?/.exec(line) ?? [];
    if (line.trim() !== "" && indent.length <= blanks) return undefined;
    if (name !== undefined) {
      if (dash !== "" && dashes === 0) return undefined;
      const begin = at + indent.length;
      return {
        span: { start: begin, end: begin + dash.length + name.length },
        spaces: blanks + (dash === "" ? dashes : 0),
      };
    }
    at += line.length + 1;
  }
  return undefined;
}

/** An entry of a list whose dash does not stand below those of the entries before it. */
export function strayDash(source: Source, offset: number): Problem | undefined {
  const { start, end } = source.lineRange(offset);
  const indent = /^( *)-(?: |$)/.exec(source.text.slice(start, end))?.[1]?.length;
  const wanted = indent === undefined ? undefined : dashAbove(source, start, indent);
  if (indent === undefined || wanted === undefined) return undefined;
  const dash = start + indent;
  return {
    span: { start: dash, end: dash + 1 },
    message: "this dash is not indented as those of the entries before it",
    instead: `${wanted.spaces === 0 ? "no" : wanted.spaces} spaces before it, as in line ${wanted.line}`,
  };
}

/**
 * The dash below which another one is meant to stand.
 *
 * @param indent  of the other; undefined is told where it may stand there
 */
function dashAbove(
  source: Source,
  start: number,
  indent: number,
): { readonly spaces: number; readonly line: number } | undefined {
  let deeper: { readonly spaces: number; readonly line: number } | undefined;
  let misplaced = false;
  for (let at = start - 1; at >= 0; at = source.lineRange(at).start - 1) {
    const range = source.lineRange(at);
    const text = source.text.slice(range.start, range.end);
    const [, { length: spaces } = "", first = ""] = /^( *)([^\s#]?)/.exec(text) ?? [];
    if (first === "") continue;
    const here = { spaces, line: source.position(range.start).line };
    if (spaces > indent) {
      if (first === "-" && spaces <= (deeper?.spaces ?? Infinity)) deeper = here;
    } else if (first === "-") {
      return misplaced && spaces < indent ? here : undefined;
    } else if (spaces < indent) {
      return misplaced ? undefined : deeper;
    } else {
      // A setting beside the dash, which has a value already.
      misplaced ||= !/:\s*(?:#.*)?$/.test(text);
      if (!misplaced) return undefined;
    }
  }
  return undefined;
}
