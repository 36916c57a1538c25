import type { Api } from "../../providers/api.ts";
import { readMember, scanTopLevel } from "../json-scan.ts";
import { encryptedId, interactionId } from "./body-ids.ts";
import { withoutBeginning } from "./path-ids.ts";

/** The longest list of OpenAI's; of anything else it is far more than there is. */
const MAX_IDS = 10_000;

/**
 * An id beside its name. Calls of tools are named by nobody else, and the requests of a batch have ids that their client made. What a
 * model or a person wrote is escaped within a string, so it never looks like this.
 */
const NAMED_ID =
  /"(?:id|(?!call_|custom_)[a-z_]+_id)"\s*:\s*"((?!srvtoolu_|toolu_)[a-z]{1,16}[-_][\w-]{6,128})"/g;
/** Of a response that is not stored nothing can be named later but what is in its container, and its reasoning. */
const NOT_STORED = /"store"\s*:\s*false/;
const OF_CONTAINER = /^(?:cntr|cfile)_/;
const ENCRYPTED = /"encrypted_content"\s*:\s*"([\w+/=-]{32,64})/g;

/** Google names things by kind and name, wherever they stand. */
const GEMINI_NAME =
  /"((?:files|cachedContents|batches|operations|tunedModels|fileSearchStores|corpora)\/[\w-]{1,128})(?=[/"])|"(models\/[^"/]{1,128}\/operations\/[\w-]{1,128})"/g;
const INTERACTION = /"id"\s*:\s*"([\w-]{16,256})"/g;

/**
 * The ids that an answer tells, or the beginning and the end of one: all of them belong to the account
 * that gave it.
 */
export function idsInText(api: Api, path: string, text: string): string[] {
  const ids = new Set<string>();
  if (api === "gemini") {
    for (const [, name, operation] of text.matchAll(GEMINI_NAME)) addTo(ids, name ?? operation);
    if (path.includes("/interactions")) {
      for (const [, id] of text.matchAll(INTERACTION)) addTo(ids, id && interactionId(id));
    }
    return [...ids];
  }
  const isResponse = path.includes("/responses");
  const isStored = !isResponse || !NOT_STORED.test(text);
  for (const [, id] of text.matchAll(NAMED_ID)) if (isStored || OF_CONTAINER.test(id ?? "")) addTo(ids, id);
  if (isResponse) {
    for (const [, content] of text.matchAll(ENCRYPTED)) addTo(ids, content && encryptedId(content));
  }
  if (api === "gemini-openai") for (const [, name] of text.matchAll(GEMINI_NAME)) addTo(ids, name);
  return [...ids];
}

function addTo(ids: Set<string>, id: string | undefined): void {
  if (id !== undefined && ids.size < MAX_IDS) ids.add(id);
}

const ID_MEMBERS: ReadonlySet<string> = new Set(["id", "name"]);
const MAX_ID_LENGTH = 256;

/**
 * The id of the thing that a whole answer is, whatever it looks like: with some providers it is a UUID.
 * Google's paths have its kind before it.
 */
export function idOfThing(api: Api, path: string, body: Buffer): string | undefined {
  const scan = scanTopLevel(body, ID_MEMBERS);
  if (scan.kind !== "found") return undefined;
  const textOf = (member: string) => {
    const span = scan.members.get(member);
    const text = span && readMember(body, span);
    return text === undefined || text.length > MAX_ID_LENGTH ? undefined : text;
  };
  const id = textOf("id");
  if (api !== "gemini" && api !== "gemini-openai") return id;
  const named = [id, textOf("name")].find((each) => each?.includes("/"));
  if (named !== undefined) return named;
  const [, collection] = withoutBeginning(path).split("/");
  return id === undefined ? undefined : `${collection}/${id}`;
}
