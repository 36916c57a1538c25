/**
 * A line in as many lines as a window of that width takes, broken at its blanks; a word that is wider than
 * the window stays whole.
 *
 * @param width   in columns; Infinity for a file or a pipe
 * @param indent  what each line but the first begins with
 */
export function wrapLine(line: string, width: number, indent: string): string[] {
  if (Bun.stringWidth(line) <= width) return [line];
  const lead = /^\s*/.exec(line)?.[0] ?? "";
  const [first = "", ...words] = line.slice(lead.length).split(" ");
  const lines: string[] = [];
  let current = lead + first;
  for (const word of words) {
    const longer = `${current} ${word}`;
    if (Bun.stringWidth(longer) <= width) {
      current = longer;
    } else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current];
}
