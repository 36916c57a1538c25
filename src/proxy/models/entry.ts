import type { Api } from "../../providers/api.ts";
import { scanTopLevel } from "../json-scan.ts";
import type { EntryForm, ListedModel } from "./read-list.ts";

/** The shape in which clients of an API expect a model. */
const FORMS: Readonly<Record<Api, EntryForm>> = {
  openai: "openai",
  azure: "openai",
  "gemini-openai": "openai",
  anthropic: "anthropic",
  gemini: "gemini",
};

/** Where a model's name stands in an entry. */
const NAME_FIELD = { openai: "id", anthropic: "id", gemini: "name" } as const;

/** What an entry is made from. */
export interface EntrySource {
  /** As clients ask for it. */
  readonly id: string;
  /** What an upstream says of the model; undefined where none lists it. */
  readonly listed: ListedModel | undefined;
  /** Who has the model, as OpenAI's entries say. */
  readonly owner: string;
}

/**
 * A model as clients of an API expect it, a JSON object: the upstream's own bytes where they have that
 * shape, with no more changed in them than the name where that is another; else a new one.
 */
export function entryFor(api: Api, { id, listed, owner }: EntrySource): string {
  const form = FORMS[api];
  // Google takes names in this form with and without their kind.
  if (api === "gemini-openai" && listed?.form === form && listed.id === id) return listed.text;
  const name = form === "gemini" || api === "gemini-openai" ? `models/${id}` : id;
  if (listed?.form === form) return withName(listed.text, NAME_FIELD[form], name);
  return JSON.stringify(newEntry(form, id, name, owner, listed?.createdMs ?? 0));
}

function withName(text: string, field: string, name: string): string {
  const bytes = Buffer.from(text);
  const scan = scanTopLevel(bytes, new Set([field]));
  const span = scan.kind === "found" ? scan.members.get(field) : undefined;
  if (span === undefined) return text;
  const written = bytes.toString("utf8", span.start, span.end);
  const wanted = JSON.stringify(name);
  if (written === wanted) return text;
  return bytes.toString("utf8", 0, span.start) + wanted + bytes.toString("utf8", span.end);
}

/** @param createdMs  epoch milliseconds; 0 for unknown, as Anthropic has it */
function newEntry(form: EntryForm, id: string, name: string, owner: string, createdMs: number): object {
  switch (form) {
    case "openai":
      return { id: name, object: "model", created: Math.floor(createdMs / 1000), owned_by: owner };
    case "anthropic":
      return { type: "model", id, display_name: id, created_at: new Date(createdMs).toISOString() };
    case "gemini":
      return { name, displayName: id, supportedGenerationMethods: methodsOf(id) };
  }
}

/** Clients choose by these; nothing but the name tells. */
function methodsOf(id: string): string[] {
  return /embedding/i.test(id) ? ["embedContent", "countTokens"] : ["generateContent", "countTokens"];
}
