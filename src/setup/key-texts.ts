import { parseSecret } from "../config/scalars.ts";

/** A word that may be a key, and what it is called where it stands; undefined where nothing. */
export interface NamedWord {
  readonly value: string;
  readonly name: string | undefined;
}

/** Keys that were typed, pasted or read, and what is wrong with the others, never by their text. */
export interface KeyTexts {
  readonly secrets: readonly NamedWord[];
  readonly problems: readonly string[];
}

/**
 * Takes the keys out of a text: one a line, or several with commas or white space; `NAME=key` as in a
 * `.env`, and what JSON or YAML calls a key. Quotes and comments (`#`) are taken off. Each counts once.
 */
export function readKeyTexts(text: string): KeyTexts {
  const secrets = new Map<string, NamedWord>();
  const problems: string[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  for (const [index, line] of lines.entries()) {
    for (const word of wordsOf(line.replace(/(?:^|\s)#.*$/, ""))) {
      const problem = problemOf(word.value);
      if (problem !== undefined) problems.push(`line ${index + 1} ${problem}`);
      else if (!secrets.has(word.value)) secrets.set(word.value, word);
    }
  }
  return { secrets: [...secrets.values()], problems };
}

function problemOf(word: string): string | undefined {
  // A key may hold what looks like a variable; the configuration tells them apart.
  if (/["'`{}[\]]/.test(word.replaceAll(/\$\{\w*\}/g, "")))
    return "holds a quote or bracket, so it is not one key";
  const parsed = parseSecret(word);
  return parsed.ok ? undefined : parsed.problem;
}

/** In front of a value in a shell or a `.env`; the end of base64 is no such thing. */
const ASSIGNED = /^\s*(?:export\s+|set\s+|\$env:)?([A-Za-z_]\w*)\s*=\s*(?=[^=\s])/;

/** In front of a value in JSON or YAML; a colon within a word is a part of it. */
const NAME = /(["']?)([A-Za-z_][\w.-]*)\1\s*:(?:\s+|$|(?=["'[{]))/;

/** Names of settings that hold keys. */
const NAMES_KEY = /(?:key|token|secret)s?$/i;

function wordsOf(written: string): NamedWord[] {
  const [assignment = "", variable] = ASSIGNED.exec(written) ?? [];
  // What stands before the first name, and then a quote, a name and its value in turn.
  const [unnamed = "", ...fields] = written.slice(assignment.length).split(NAME);
  if (fields.length === 0) return bareWords(unnamed).map((value) => ({ value, name: variable }));
  return fields.flatMap((name, at) => {
    const isKey = at % 3 === 1 && NAMES_KEY.test(name ?? "");
    return isKey ? bareWords(fields[at + 1] ?? "").map((value) => ({ value, name })) : [];
  });
}

/** Without the quotes and brackets around them, and the dashes of lists. */
function bareWords(text: string): string[] {
  return text
    .split(/[\s,;]+/)
    .map((word) => word.replaceAll(/^[["'`{(]+|(?<!\$\{\w*)[\]"'`})]+$/g, ""))
    .filter((word) => word !== "" && word !== "-");
}
