import type { Problem } from "./diagnostic.ts";
import { SETTING_NAMES } from "./setting-names.ts";

/*
 * Slips that are plain to a person who looks at the text, and that the parser stumbles over somewhere else
 * or takes for something else.
 */

/** `key:sk-…`, and `-key: …` in a list: YAML wants a space there. */
export function missingSpace(text: string, start: number, end: number): Problem | undefined {
  for (const { 0: line, index } of text.slice(start, end).matchAll(/[^\r\n]+/g)) {
    const at = start + index;
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
