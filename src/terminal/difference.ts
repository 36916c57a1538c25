import { colors } from "consola/utils";

import { wrapLine } from "./wrap.ts";

/** Unchanged lines that are shown around a change. */
const CONTEXT = 2;

const SIGNS = { same: " ", gone: "-", new: "+" } as const;

interface Line {
  readonly kind: keyof typeof SIGNS;
  readonly text: string;
}

/**
 * What turns one text into another, line by line: `-` and `+` before what goes and comes, a few lines around.
 *
 * @param width  of the window, in columns
 */
export function difference(before: string, after: string, width: number): string[] {
  const lines = compare(linesOf(before), linesOf(after));
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ kind }) => kind !== "same"),
  );
  return lines.flatMap(({ kind, text }, at) => {
    if (near[at] !== true) return near[at - 1] === true ? [colors.dim("  …")] : [];
    const shown = wrapLine(`${SIGNS[kind]} ${text}`, width, `${/^\s*/.exec(text)?.[0] ?? ""}      `);
    return kind === "same" ? shown : shown.map(kind === "gone" ? colors.red : colors.green);
  });
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** By the longest common subsequence; configurations are some hundred lines at most. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * width + j] =
        before[i] === after[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [gone, added] = [before[i], after[j]];
    if (gone !== undefined && gone === added) {
      lines.push({ kind: "same", text: gone });
      i += 1;
      j += 1;
    } else if (
      gone !== undefined &&
      (added === undefined || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      lines.push({ kind: "gone", text: gone });
      i += 1;
    } else if (added !== undefined) {
      lines.push({ kind: "new", text: added });
      j += 1;
    }
  }
  return lines;
}
