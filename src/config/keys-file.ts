import { parseSecret } from "./scalars.ts";

/** What a `keysFile` holds: its keys, and what is wrong in which line (never the text of the line). */
export interface KeysFile {
  readonly secrets: readonly string[];
  /** In which line each stands, from 1. */
  readonly lines: readonly number[];
  readonly problems: readonly {
    readonly line: number;
    readonly problem: string;
    readonly instead?: string;
  }[];
}

/** One key a line; blank lines and comments (`#` at the start or after white space) are skipped. */
export function parseKeysFile(text: string): KeysFile {
  const secrets: string[] = [];
  const lines: number[] = [];
  const problems: KeysFile["problems"][number][] = [];
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    const written = line.replace(/(?:^|\s)#.*$/, "").trim();
    if (written === "") continue;
    const parsed = parseSecret(written);
    if (parsed.ok) {
      secrets.push(parsed.value);
      lines.push(index + 1);
    } else {
      const { problem, instead } = parsed;
      problems.push({ line: index + 1, problem, ...(instead !== undefined && { instead }) });
    }
  }
  return { secrets, lines, problems };
}
