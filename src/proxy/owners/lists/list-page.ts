import type { ListEndpoint } from "./list-endpoint.ts";

type Json = Readonly<Record<string, unknown>>;

/** One thing of a list. */
export interface Item {
  readonly json: Json;
  readonly id: string;
  /** When it was made, epoch milliseconds; undefined where it does not say. */
  readonly atMs: number | undefined;
}

/** Where a list goes on: a query parameter and its value. */
export type Cursor = readonly [name: string, value: string];

/** A part of one account's list. */
export interface ListPage {
  readonly items: readonly Item[];
  /** Undefined at the end. */
  readonly next: Cursor | undefined;
  /** The answer without its items. */
  readonly envelope: Json;
}

/** @returns undefined where the answer is no list */
export function readListPage(text: string, { dialect, items: field }: ListEndpoint): ListPage | undefined {
  const answer = parse(text);
  if (!isObject(answer)) return undefined;
  const { [field]: listed = [], ...envelope } = answer;
  if (!Array.isArray(listed)) return undefined;
  const items = listed.filter(isObject).map(itemOf);
  return { items, next: nextOf(envelope, items, dialect), envelope };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function itemOf(json: Json): Item {
  return { json, id: textOf(json["id"]) || textOf(json["name"]), atMs: madeAt(json) };
}

function nextOf(
  envelope: Json,
  items: readonly Item[],
  dialect: ListEndpoint["dialect"],
): Cursor | undefined {
  const { next, token, after } = dialect;
  const given = next === undefined ? "" : textOf(envelope[next]);
  if (token !== undefined && given !== "") return [token, given];
  const lastId = textOf(envelope["last_id"]) || (items.at(-1)?.id ?? "");
  const hasMore = envelope["has_more"] === true && after !== undefined && lastId !== "";
  return hasMore ? [after, lastId] : undefined;
}

/** Epoch seconds at OpenAI, RFC 3339 elsewhere; of a long-running operation its metadata tell. */
function madeAt(json: Json): number | undefined {
  const metadata = isObject(json["metadata"]) ? json["metadata"] : {};
  const told = json["created_at"] ?? json["created"] ?? json["createTime"] ?? metadata["createTime"];
  if (typeof told === "number") return told * 1000;
  const at = Date.parse(textOf(told));
  return Number.isNaN(at) ? undefined : at;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
