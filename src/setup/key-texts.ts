import { parseSecret } from "../config/scalars.ts";

/** Keys that were typed, pasted or read, and what is wrong with the others, never by their text. */
export interface KeyTexts {
  readonly secrets: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Takes the keys out of a text: one a line, or several with commas or white space; `NAME=key` as in a
 * `.env`, quotes and comments (`#`) are taken off. Each counts once.
 */
export function readKeyTexts(text: string): KeyTexts {
  const secrets = new Set<string>();
  const problems: string[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  for (const [index, line] of lines.entries()) {
    const written = line.replace(/(?:^|\s)#.*$/, "").replace(/^\s*(?:export\s+)?[A-Za-z_]\w*=(?=[^=\s])/, "");
    for (const word of written.split(/[\s,;]+/)) {
      const bare = word.replace(/^(["'])(.*)\1$/, "$2");
      if (bare === "") continue;
      const parsed = parseSecret(bare);
      if (parsed.ok) secrets.add(parsed.value);
      else problems.push(`line ${index + 1} ${parsed.problem}`);
    }
  }
  return { secrets: [...secrets], problems };
}
