/** A line of a file in a message, `   14 | …`, and the one with the carets below it: a gutter and the rest. */
const SOURCE_LINE = /^( *\d+ \| )(.*)$/;
const CARETS = /^( +\| )([ \t]*)(\^+)$/;

/**
 * Cuts the excerpts of files within a message to a window: each line of a file keeps what is around its
 * carets, with `…` where something is left out, since carets below a line that the terminal broke point at
 * nothing. All other lines stay as they are.
 *
 * @param width  of the window, in columns
 */
export function cutFrames(lines: readonly string[], width: number): string[] {
  const cut = [...lines];
  for (const [index, line] of lines.entries()) {
    const source = SOURCE_LINE.exec(line);
    const carets = CARETS.exec(lines[index + 1] ?? "");
    if (source === null || carets === null) continue;
    const [, gutter = "", text = ""] = source;
    const [, caretGutter = "", before = "", signs = ""] = carets;
    const room = Math.max(MIN_ROOM, width - gutter.length);
    // A tab is as wide as the terminal likes.
    const plain = text.replaceAll("\t", " ");
    const from = firstColumn(before.length, signs.length, Bun.stringWidth(plain), room);
    if (from === undefined && !text.includes("\t")) continue;
    const start = from ?? 0;
    const shown = Math.max(1, Math.min(signs.length, start + room - before.length));
    cut[index] = gutter + columns(plain, start, room);
    cut[index + 1] = caretGutter + " ".repeat(before.length - start) + "^".repeat(shown);
  }
  return cut;
}

/** As much of a line as makes any sense. */
const MIN_ROOM = 8;

/** Where to begin so that the marked stretch stands in the middle; undefined where the whole line has room. */
function firstColumn(at: number, length: number, total: number, room: number): number | undefined {
  if (Math.max(total, at + 1) <= room) return undefined;
  const around = Math.max(2, Math.floor((room - length) / 2));
  return Math.max(0, Math.min(at - around, Math.max(total, at + 1) - room));
}

/** The columns of a text from one on, with `…` at an end where something is left out. */
function columns(text: string, from: number, room: number): string {
  let column = 0;
  let shown = "";
  const total = Bun.stringWidth(text);
  const first = from > 0 ? from + 1 : from;
  const last = total > from + room ? from + room - 1 : from + room;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const end = column + Bun.stringWidth(segment);
    if (column >= first && end <= last) shown += segment;
    // Half of a character that is two columns wide.
    else if (end > first && column < last) shown += " ";
    column = end;
  }
  return `${from > 0 ? "…" : ""}${shown}${total > from + room ? "…" : ""}`;
}
