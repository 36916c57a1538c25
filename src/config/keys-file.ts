import { parseSecret } from "./scalars.ts";

/** What a `keysFile` holds: its keys, and what is wrong in which line (never the text of the line). */
export interface KeysFile {
  readonly secrets: readonly string[];
  readonly problems: readonly { readonly line: number; readonly problem: string }[];
}

/** One key a line; blank lines and comments (`#` at the start or after white space) are skipped. */
export function parseKeysFile(text: string): KeysFile {
  const secrets: string[] = [];
  const problems: { line: number; problem: string }[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    const written = line.replace(/(?:^|\s)#.*$/, "").trim();
    if (written === "") continue;
    const parsed = parseSecret(written);
    if (parsed.ok) secrets.push(parsed.value);
    else problems.push({ line: index + 1, problem: parsed.problem });
  }
  return { secrets, problems };
}
