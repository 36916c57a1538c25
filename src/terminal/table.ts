import { colors } from "consola/utils";

/** A column of a table: what stands over it, and how it gives way where the window is narrow. */
export interface Column {
  readonly title: string;
  /** What people look for: it is never cut, so where the others leave too little for it the table is a list. */
  readonly whole?: boolean;
  /** What it is worth where the window is narrow: it gives way down to this before any other does. */
  readonly most?: number;
  /** Names are told apart by their ends as often as by their beginnings. Default: the end. */
  readonly cut?: "middle";
}

/** What a column has at least before the table becomes a list. */
const LEAST_WIDTH = 8;
const GAP = "  ";

/**
 * Rows under titles, each column as wide as its widest text; counted as a terminal shows them, so that
 * wide characters, accents and colours keep the columns straight. What no row has is no column. In a window
 * that is too narrow the widest columns end in an ellipsis, and in one that is narrower still each row is a
 * list of its own, its whole columns on several lines.
 *
 * @param width  of the window, in columns; Infinity for a file or a pipe, where nothing is cut
 * @param gap    between two columns
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  gap = GAP.length,
): string[] {
  const used = columns.map((_, at) => at === 0 || rows.some((row) => (row[at] ?? "") !== ""));
  if (used.includes(false)) {
    const kept = <T>(cells: readonly T[]) => cells.filter((_, at) => used[at]);
    return table(kept(columns), rows.map(kept), width, gap);
  }
  const natural = columns.map(({ title }, at) =>
    Math.max(Bun.stringWidth(title), ...rows.map((row) => Bun.stringWidth(row[at] ?? ""))),
  );
  const widths = narrowed(columns, natural, width - gap * (columns.length - 1));
  if (widths === undefined) return rows.flatMap((row) => asList(columns, row, width));
  const line = (cells: readonly string[]) =>
    widths.map((cellWidth, at) => padded(cells[at] ?? "", cellWidth, columns[at]?.cut)).join(" ".repeat(gap));
  return [
    colors.dim(line(columns.map(({ title }) => title)).trimEnd()),
    ...rows.map((row) => line(row).trimEnd()),
  ];
}

/**
 * The widths that fit into so many columns: first what is longer than it is worth gives way, then what is
 * widest; undefined where none do.
 */
function narrowed(
  columns: readonly Column[],
  natural: readonly number[],
  available: number,
): number[] | undefined {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  for (const [at, { most = Infinity }] of columns.entries()) {
    const given = Math.min(Math.max(0, (widths[at] ?? 0) - most), Math.max(0, excess));
    widths[at] = (widths[at] ?? 0) - given;
    excess -= given;
  }
  while (excess > 0) {
    const mayGiveWay = widths.map((each, at) => (columns[at]?.whole === true ? 0 : each));
    const widest = mayGiveWay.indexOf(Math.max(...mayGiveWay));
    const width = mayGiveWay[widest] ?? 0;
    if (width <= LEAST_WIDTH) return undefined;
    widths[widest] = width - 1;
    excess -= 1;
  }
  return widths;
}

function asList(columns: readonly Column[], row: readonly string[], width: number): string[] {
  const titleWidth = Math.max(...columns.map(({ title }) => Bun.stringWidth(title)));
  const room = Math.max(1, width - titleWidth - GAP.length);
  const lines = columns.flatMap(({ title, whole, cut }, at) => {
    const cell = row[at] ?? "";
    if (cell === "") return [];
    const shown =
      whole === true ? Bun.wrapAnsi(cell, room, { hard: true }).split("\n") : [cutTo(cell, room, cut)];
    return shown.map((line, index) => {
      return `${colors.dim(padded(index === 0 ? title : "", titleWidth))}${GAP}${line}`;
    });
  });
  return [...lines, ""];
}

function padded(text: string, width: number, cut?: Column["cut"]): string {
  const shown = cutTo(text, width, cut);
  return shown + " ".repeat(Math.max(0, width - Bun.stringWidth(shown)));
}

function cutTo(text: string, width: number, cut?: Column["cut"]): string {
  const whole = Bun.stringWidth(text);
  if (whole <= width) return text;
  if (cut === "middle" && width > LEAST_WIDTH) {
    const end = Bun.sliceAnsi(text, whole - Math.floor(width / 3));
    return cutTo(text, width - Bun.stringWidth(end)) + end;
  }
  const shown = Bun.sliceAnsi(text, 0, width, "…");
  // Bun keeps a wide character that the cut falls into: one column too many.
  return Bun.stringWidth(shown) <= width ? shown : Bun.sliceAnsi(text, 0, width - 1, "…");
}
