import type { ItemSpan, KeyListPlace, ListPlace } from "./key-list.ts";
import { isFirstOfLine, lineBreakOf, lineEnd, lineStart } from "./lines.ts";
import type { Splice } from "./splice.ts";
import { writeBlock, writeFlow, type Fields } from "./write-value.ts";

/**
 * How to put an entry behind the last of `apiKeys`, in the form that the list has.
 *
 * @param yaml  as `findKeyList` was given it
 * @returns undefined where it cannot be told how
 */
export function addItem(
  yaml: string,
  place: KeyListPlace,
  fields: Fields,
  isJson: boolean,
): Splice[] | undefined {
  const lineBreak = lineBreakOf(yaml);
  const flow = () => writeFlow(fields, isJson ? "json" : "flow");
  switch (place.kind) {
    case "unknown":
      return undefined;
    case "nothing": {
      const at = lineEnd(yaml, place.after);
      return [insert(at, lineBreak + block(fields, 2, 4).join(lineBreak))];
    }
    case "missing": {
      if (place.flow !== undefined) {
        const { lastEnd, close } = place.flow;
        const text = `${isJson ? '"apiKeys"' : "apiKeys"}: [${flow()}]`;
        return [lastEnd === undefined ? insert(close, ` ${text} `) : insert(lastEnd, `, ${text}`)];
      }
      const lines = ["apiKeys:", ...block(fields, 2, 4)].join(lineBreak);
      const open = yaml === "" || yaml.endsWith("\n") ? "" : lineBreak;
      return [insert(yaml.length, open + lines + lineBreak)];
    }
    case "list": {
      if (place.list.kind === "flow") return addToFlow(yaml, place.list, flow(), lineBreak);
      const last = place.list.items.at(-1);
      if (last === undefined) return undefined;
      const indent = last.start - lineStart(yaml, last.start);
      // As deep behind its dash as the entry before it.
      const depth = /^-( +)\S/.exec(yaml.slice(last.start, lineEnd(yaml, last.start)))?.[1]?.length ?? 1;
      return [insert(last.end, lineBreak + block(fields, indent, indent + 1 + depth).join(lineBreak))];
    }
  }
}

function block(fields: Fields, dash: number, indent: number): string[] {
  return writeBlock(fields).map((line, index) => {
    return index === 0
      ? `${" ".repeat(dash)}-${" ".repeat(indent - dash - 1)}${line}`
      : " ".repeat(indent) + line;
  });
}

function addToFlow(
  yaml: string,
  { items, close }: Extract<ListPlace, { kind: "flow" }>,
  entry: string,
  lineBreak: string,
): Splice[] {
  const last = items.at(-1);
  if (last === undefined) return [insert(close, entry)];
  const comma = commaBehind(yaml, last, close);
  const written = comma === undefined ? last.end : comma + 1;
  const onOwnLine = isFirstOfLine(yaml, last.start) && lineEnd(yaml, written) < close;
  if (!onOwnLine) return [insert(last.end, `, ${entry}`)];
  // Behind a comment that stands beside the last entry.
  const indent = yaml.slice(lineStart(yaml, last.start), last.start);
  const line = lineBreak + indent + entry + (comma === undefined ? "" : ",");
  const at = lineEnd(yaml, written);
  return at === last.end
    ? [insert(at, `,${line}`)]
    : [...(comma === undefined ? [insert(last.end, ",")] : []), insert(at, line)];
}

/** The comma between an entry and the closing bracket; undefined where there is none. */
export function commaBehind(yaml: string, item: ItemSpan, until: number): number | undefined {
  const gap = yaml
    .slice(item.end, until)
    .replaceAll(/(?:^|\s)#[^\r\n]*/g, (comment) => " ".repeat(comment.length));
  const at = gap.indexOf(",");
  return at === -1 ? undefined : item.end + at;
}

function insert(at: number, text: string): Splice {
  return { start: at, end: at, text };
}
