/**
 * A line in as many lines as a window of that width takes, broken at its blanks; a word that is wider than
 * the window stays whole, and one that is only too wide to be indented is less so.
 *
 * @param width   in columns; Infinity for a file or a pipe
 * @param indent  what each line but the first begins with
 */
export function wrapLine(line: string, width: number, indent: string): string[] {
  if (Bun.stringWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = "";
  for (const [withBlanks, word = ""] of line.matchAll(/ *([^ ]+)/g)) {
    if (current !== "" && Bun.stringWidth(current + withBlanks) <= width) {
      current += withBlanks;
      continue;
    }
    const before = current === "" ? withBlanks.slice(0, -word.length) : indent;
    if (current !== "") lines.push(current);
    const room = width - Bun.stringWidth(word);
    current = (room < 0 ? before : before.slice(0, room)) + word;
  }
  return [...lines, current];
}
