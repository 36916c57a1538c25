/**
 * A line in as many lines as a window of that width takes, broken at its blanks; a word that is wider than
 * the window stays whole.
 *
 * @param width   in columns; Infinity for a file or a pipe
 * @param indent  what each line but the first begins with
 */
export function wrapLine(line: string, width: number, indent: string): string[] {
  if (Bun.stringWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = "";
  for (const [withBlanks, word] of line.matchAll(/ *([^ ]+)/g)) {
    if (current === "" || Bun.stringWidth(current + withBlanks) <= width) {
      current += withBlanks;
    } else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current];
}
