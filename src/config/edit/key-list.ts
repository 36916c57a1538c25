import { isMap, isNode, isScalar, isSeq, parseDocument, type Node, type YAMLMap, type YAMLSeq } from "yaml";

import { blankJsonComments } from "../json-comments.ts";
import { isFirstOfLine, lineEnd, lineStart, nextLine } from "./lines.ts";

/** An entry of a list, or a part of one, in offsets. */
export interface ItemSpan {
  readonly start: number;
  readonly end: number;
}

/** A list as it stands in a file. */
export type ListPlace =
  /** Each entry after a dash; `start` is the dash, `end` the end of the entry's last line. */
  | { readonly kind: "block"; readonly items: readonly ItemSpan[] }
  /** In brackets; an entry is its value, `close` the closing bracket. */
  | { readonly kind: "flow"; readonly items: readonly ItemSpan[]; readonly close: number };

/** Where the keys of a configuration stand in its text. */
export type KeyListPlace =
  | { readonly kind: "list"; readonly list: ListPlace; readonly nodes: readonly Node[] }
  /** `apiKeys` with nothing behind its colon; `after` is behind the colon. */
  | { readonly kind: "nothing"; readonly after: number }
  /** No `apiKeys`; `flow` is where in a map in braces it can be put. */
  | { readonly kind: "missing"; readonly flow: FlowEnd | undefined }
  /** Not a text that can be read, or an `apiKeys` that is no list. */
  | { readonly kind: "unknown" };

export interface FlowEnd {
  readonly lastEnd: number | undefined;
  readonly close: number;
}

/** The text as YAML: of JSON the comments are blanked, so that all offsets stay. */
export function yamlOf(text: string, path: string): string {
  return /\.jsonc?$/i.test(path) ? blankJsonComments(text) : text;
}

/** @param text  without a byte order mark; of JSON without comments */
export function findKeyList(text: string): KeyListPlace {
  const document = parseDocument(text, { keepSourceTokens: true, merge: true, logLevel: "error" });
  if (document.errors.length > 0) return { kind: "unknown" };
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null))
    return { kind: "missing", flow: undefined };
  if (!isMap(contents)) return { kind: "unknown" };
  const pair = contents.items.find(({ key }) => isScalar(key) && key.value === "apiKeys");
  if (pair === undefined) return { kind: "missing", flow: flowEndOf(contents) };
  const { key, value } = pair;
  if (isSeq(value)) {
    const nodes = value.items.filter((item) => isNode(item));
    const list = listPlace(text, value);
    return list === undefined || nodes.length !== list.items.length
      ? { kind: "unknown" }
      : { kind: "list", list, nodes };
  }
  if (value !== null && !(isScalar(value) && value.value === null)) return { kind: "unknown" };
  const keyEnd = isNode(key) ? (key.range?.[1] ?? 0) : 0;
  const after = text.indexOf(":", keyEnd) + 1;
  return contents.flow === true || text.slice(after, value?.range?.[1] ?? after).trim() !== ""
    ? { kind: "unknown" }
    : { kind: "nothing", after };
}

function flowEndOf(map: YAMLMap): FlowEnd | undefined {
  if (map.flow !== true) return undefined;
  const last = map.items.at(-1);
  const end = isNode(last?.value) ? last.value.range?.[1] : undefined;
  return { lastEnd: end, close: (map.range?.[1] ?? 1) - 1 };
}

/** Where the entries of a list stand; undefined where a part of it is not to be found. */
export function listPlace(text: string, list: YAMLSeq): ListPlace | undefined {
  const token = list.srcToken;
  if (list.flow === true) {
    const items = list.items.map((item) => spanOf(isNode(item) ? item : undefined));
    return { kind: "flow", items, close: (list.range?.[1] ?? 1) - 1 };
  }
  if (token?.type !== "block-seq") return undefined;
  const items: ItemSpan[] = [];
  for (const [index, item] of list.items.entries()) {
    const dash = token.items[index]?.start.find(({ type }) => type === "seq-item-ind");
    if (dash === undefined || !isNode(item) || !isFirstOfLine(text, dash.offset)) return undefined;
    items.push({ start: dash.offset, end: blockEnd(text, dash.offset, lastOffset(item)) });
  }
  return { kind: "block", items };
}

function spanOf(node: Node | undefined): ItemSpan {
  const [start = 0, end = start] = node?.range ?? [];
  return { start, end };
}

/** Behind the last character of a value: its own range may go on over comments that follow. */
function lastOffset(node: Node): number {
  const [start = 0, end = start] = node.range ?? [];
  if ((isMap(node) || isSeq(node)) && node.flow !== true) {
    const last = node.items.at(-1);
    const inner = isMap(node) ? node.items.at(-1)?.value : last;
    if (isNode(inner)) return lastOffset(inner);
  }
  return end;
}

/**
 * The end of the last line of an entry: with the comment behind its last value, and with those below
 * that are indented as what belongs to it.
 */
function blockEnd(text: string, dash: number, valueEnd: number): number {
  // A block of text ends with its line break.
  const inLine = text[valueEnd - 1] === "\n" ? valueEnd - 1 : valueEnd;
  let end = text[inLine - 1] === "\r" && inLine < valueEnd ? inLine - 1 : lineEnd(text, inLine);
  const indent = dash - lineStart(text, dash);
  for (let at = nextLine(text, end); at < text.length; at = nextLine(text, at)) {
    const line = text.slice(at, lineEnd(text, at));
    if (line.trim() === "") continue;
    const depth = /^ *(?=#)/.exec(line)?.[0].length;
    if (depth === undefined || depth <= indent) break;
    end = at + line.length;
  }
  return end;
}
