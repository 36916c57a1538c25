import { commaBehind } from "./add-item.ts";
import type { ItemSpan, ListPlace } from "./key-list.ts";
import { isFirstOfLine, lineEnd, lineStart, nextLine } from "./lines.ts";
import type { Splice } from "./splice.ts";

/** How to take an entry out of a list: its lines, or in brackets itself and one comma. */
export function removeItem(yaml: string, list: ListPlace, index: number): Splice[] {
  const item = list.items[index];
  if (item === undefined) return [];
  if (list.kind === "block") return [wholeLines(yaml, item)];
  const { items, close } = list;
  const next = items[index + 1];
  const previous = items[index - 1];
  const comma = commaBehind(yaml, item, next?.start ?? close);
  const end = comma === undefined ? item.end : comma + 1;
  const splices = [withItsSpace(yaml, { start: item.start, end })];
  // The last one has its comma before it.
  const before =
    comma === undefined && previous !== undefined ? commaBehind(yaml, previous, item.start) : undefined;
  if (before !== undefined) splices.push({ start: before, end: before + 1, text: "" });
  return splices;
}

function wholeLines(yaml: string, { start, end }: ItemSpan): Splice {
  const from = lineStart(yaml, start);
  const until = nextLine(yaml, end);
  // Without a line break behind it, the one before it goes.
  if (until > end || from === 0) return { start: from, end: until, text: "" };
  return { start: lineEnd(yaml, lineStart(yaml, from - 1)), end, text: "" };
}

/** With its line, comment included, where it has one for itself; else with the blank space before or behind it. */
function withItsSpace(yaml: string, { start, end }: ItemSpan): Splice {
  const behind = yaml.slice(end, lineEnd(yaml, end));
  const alone = isFirstOfLine(yaml, start) && /^[ \t]*(?:#.*)?$/.test(behind);
  if (alone && nextLine(yaml, end) > lineEnd(yaml, end)) {
    return { start: lineStart(yaml, start), end: nextLine(yaml, end), text: "" };
  }
  const space = /^[ \t]*(?=[^\s\]}])/.exec(behind)?.[0].length ?? 0;
  if (space > 0) return { start, end: end + space, text: "" };
  const blank = /[ \t]*$/.exec(yaml.slice(lineStart(yaml, start), start))?.[0].length ?? 0;
  return { start: start - blank, end, text: "" };
}
