import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import { scanItems, scanTopLevel } from "../json-scan.ts";

/** Whose shape an entry of a list has. */
export type EntryForm = "openai" | "anthropic" | "gemini";

/** One model, as an upstream lists it. */
export interface ListedModel {
  /** As clients ask for it. */
  readonly id: string;
  readonly form: EntryForm;
  /** The upstream's own bytes, a JSON object. */
  readonly text: string;
  /** Epoch milliseconds; undefined where the upstream does not say. */
  readonly createdMs: number | undefined;
}

export interface ListPage {
  readonly models: readonly ListedModel[];
  /** Parameter of the query that gets the next page; undefined on the last. */
  readonly next: readonly [name: string, value: string] | undefined;
}

const LISTS: ReadonlySet<string> = new Set(["data", "models"]);
const PAGING: ReadonlySet<string> = new Set(["has_more", "last_id", "nextpagetoken"]);

const Entry = Type.Object({
  id: Type.Optional(Type.Unknown()),
  name: Type.Optional(Type.Unknown()),
  type: Type.Optional(Type.Unknown()),
  created: Type.Optional(Type.Unknown()),
  created_at: Type.Optional(Type.Unknown()),
});

const Paging = Type.Object({
  has_more: Type.Optional(Type.Unknown()),
  last_id: Type.Optional(Type.Unknown()),
  nextPageToken: Type.Optional(Type.Unknown()),
});

/**
 * Reads a page of a list of models: `data` of OpenAI's and Anthropic's, `models` of Google's, or the bare
 * array of Together's. What is in it that names no model is left out.
 *
 * @returns undefined where it is no list
 */
export function readListPage(bytes: Buffer): ListPage | undefined {
  const scan = scanTopLevel(bytes, LISTS, PAGING);
  if (scan.kind === "not-an-object") {
    const start = bytes.indexOf("[");
    const isArray = start >= 0 && bytes.toString("utf8", 0, start).trim() === "";
    return isArray ? { models: readEntries(bytes.subarray(start)), next: undefined } : undefined;
  }
  const span = scan.kind === "found" ? (scan.members.get("data") ?? scan.members.get("models")) : undefined;
  if (span === undefined) return undefined;
  const paged = scan.kind === "found" && [...PAGING].some((name) => scan.members.has(name));
  return {
    models: readEntries(bytes.subarray(span.start, span.end)),
    next: paged ? readNext(bytes) : undefined,
  };
}

function readNext(bytes: Buffer): ListPage["next"] {
  const body = parse(bytes.toString("utf8"));
  if (!Value.Check(Paging, body)) return undefined;
  const { has_more: hasMore, last_id: lastId, nextPageToken } = body;
  if (typeof nextPageToken === "string" && nextPageToken !== "") return ["pageToken", nextPageToken];
  return hasMore === true && typeof lastId === "string" ? ["after_id", lastId] : undefined;
}

function readEntries(list: Buffer): ListedModel[] {
  return scanItems(list).flatMap(({ start, end }) => readEntry(list.toString("utf8", start, end)) ?? []);
}

/** Google's names say what kind of thing they name: `models/gemini-2.5-flash`, also as ids in OpenAI's form. */
const RESOURCE_KIND = /^models\//;

function readEntry(text: string): ListedModel | undefined {
  const entry = parse(text);
  if (!Value.Check(Entry, entry)) return undefined;
  const { id, name, type } = entry;
  if (typeof id === "string" && id !== "") {
    const form = type === "model" ? "anthropic" : "openai";
    return { id: id.replace(RESOURCE_KIND, ""), form, text, createdMs: createdOf(entry) };
  }
  if (typeof name !== "string" || !RESOURCE_KIND.test(name)) return undefined;
  return { id: name.replace(RESOURCE_KIND, ""), form: "gemini", text, createdMs: undefined };
}

/** OpenAI's are whole seconds, Anthropic's RFC 3339. */
function createdOf({ created, created_at: createdAt }: { created?: unknown; created_at?: unknown }) {
  const seconds = created ?? createdAt;
  if (typeof seconds === "number" && seconds >= 0) return seconds * 1000;
  const at = typeof createdAt === "string" ? Date.parse(createdAt) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
