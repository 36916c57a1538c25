import { type IdNames, ITEM_REFERENCE } from "./id-names.ts";

/** More are not looked at: no request needs so many to tell its account. */
const MAX_IDS = 64;

/**
 * The ids that a JSON body names, at any depth. A body in which none of the names stands, as in nearly
 * all, costs a native search for each and no more.
 */
export function idsInBody(body: Buffer, { names, needles, hasReasoning }: IdNames): string[] {
  const ids = new Set<string>();
  if (needles.some((needle) => body.includes(needle))) {
    const json = parse(body);
    if (json !== undefined) collect(json, names, ids);
  }
  if (hasReasoning) {
    const reasoning = lastReasoning(body);
    if (reasoning !== undefined) ids.add(reasoning);
  }
  return [...ids].slice(0, MAX_IDS);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** What the client's users wrote rather than the client: names in there mean nothing to a provider. */
const FOREIGN: ReadonlySet<string> = new Set([
  "metadata",
  "arguments",
  "args",
  "response",
  "parameters",
  "input_schema",
  "schema",
  "json_schema",
]);

/** Anthropic's calls of tools hold what a model wrote. */
const TOOL_CALL = /^(?:\w+_)?tool_use$/;

function collect(value: unknown, names: ReadonlySet<string>, ids: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, names, ids);
    return;
  }
  if (!isObject(value)) return;
  const type = typeof value["type"] === "string" ? value["type"] : "";
  if (TOOL_CALL.test(type)) return;
  if (type === ITEM_REFERENCE) add(value["id"], ids);
  for (const [name, member] of Object.entries(value)) {
    if (FOREIGN.has(name)) continue;
    if (names.has(name)) take(name, member, ids);
    if (typeof member === "object") collect(member, names, ids);
  }
}

/** An id, a list of them, or an object that has one (`conversation: {"id": ...}`). */
function take(name: string, value: unknown, ids: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) add(item, ids);
  else if (isObject(value)) add(value["id"], ids);
  // Elsewhere a prompt is what a model is to answer.
  else if (name !== "prompt") add(prefixed(name, value), ids);
}

/** Google's interactions are named without their kind here, and with it in paths. */
function prefixed(name: string, value: unknown): unknown {
  return name === "previous_interaction_id" && typeof value === "string" ? interactionId(value) : value;
}

export function interactionId(id: string): string {
  return `interactions/${id}`;
}

/** Other files at Google are links to videos and to its cloud storage. */
const GEMINI_FILE_URL = /^https?:\/\/[^/]+\/v1(?:alpha|beta)?\/(files\/[^/?#:]+)/;
const SANE = /^[\w./:-]{1,256}$/;

function add(value: unknown, ids: Set<string>): void {
  if (typeof value !== "string" || !SANE.test(value)) return;
  if (!value.includes("://")) ids.add(value);
  else {
    const file = GEMINI_FILE_URL.exec(value)?.[1];
    if (file !== undefined) ids.add(file);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const ENCRYPTED = Buffer.from('"encrypted_content"');
const REASONING = Buffer.from('"rs_');

/** Of an encrypted text the beginning, which holds a random value, tells it from all others. */
const ENCRYPTED_CHARACTERS = 64;

/** By which a piece of encrypted reasoning is remembered. */
export function encryptedId(text: string): string {
  return `encrypted ${text.slice(0, ENCRYPTED_CHARACTERS)}`;
}

/**
 * The last reasoning in a body, found without parsing: conversations that carry it are long, and all that
 * is in one was made by one account.
 */
function lastReasoning(body: Buffer): string | undefined {
  let at = body.includes(ENCRYPTED) ? body.lastIndexOf(ENCRYPTED) : -1;
  while (at >= 0) {
    const from = at + ENCRYPTED.length;
    const value = body.toString("latin1", from, from + 8 + ENCRYPTED_CHARACTERS);
    const text = /^\s*:\s*"([\w+/=-]{32,})/.exec(value)?.[1];
    if (text !== undefined) return encryptedId(text);
    at = at === 0 ? -1 : body.lastIndexOf(ENCRYPTED, at - 1);
  }
  if (!body.includes(REASONING)) return undefined;
  at = body.lastIndexOf(REASONING);
  return /^rs_\w+/.exec(body.toString("latin1", at + 1, at + 129))?.[0];
}
