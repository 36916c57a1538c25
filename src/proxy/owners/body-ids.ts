import { eachObject, isJsonObject, parseJson } from "../client-json.ts";
import { type IdNames, ITEM_REFERENCE, OBJECTS_ONLY } from "./id-names.ts";

/** More are not looked at: no request needs so many to tell its account. */
const MAX_IDS = 64;

/**
 * The ids that a JSON body names, at any depth. A body in which none of the names stands, as in nearly
 * all, costs a native search for each and no more.
 */
export function idsInBody(body: Buffer, { names, needles, hasReasoning }: IdNames): string[] {
  const ids = new Set<string>();
  if (needles.some((needle) => body.includes(needle))) {
    eachObject(parseJson(body), (object, type) => {
      if (type === ITEM_REFERENCE) addId(object["id"], ids);
      for (const [name, member] of Object.entries(object)) if (names.has(name)) take(name, member, ids);
    });
  }
  if (hasReasoning) {
    const reasoning = lastReasoning(body);
    if (reasoning !== undefined) ids.add(reasoning);
  }
  return [...ids].slice(0, MAX_IDS);
}

/** An id, an object that has one (`conversation: {"id": ...}`), or a list of either. */
function take(name: string, value: unknown, ids: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) take(name, item, ids);
  else if (isJsonObject(value)) addId(value["id"], ids);
  else if (!OBJECTS_ONLY.has(name)) addId(prefixed(name, value), ids);
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

/** Adds what may be an id; of a URL of Gemini's files, the file's name. */
export function addId(value: unknown, ids: Set<string>): void {
  if (typeof value !== "string" || !SANE.test(value)) return;
  if (!value.includes("://")) ids.add(value);
  else {
    const file = GEMINI_FILE_URL.exec(value)?.[1];
    if (file !== undefined) ids.add(file);
  }
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
