/** What the client's users or a model wrote rather than the client: names in there mean nothing to a provider. */
export const FOREIGN: ReadonlySet<string> = new Set([
  "metadata",
  "arguments",
  "args",
  "response",
  "parameters",
  "input_schema",
  "schema",
  "json_schema",
  // A row of an eval's data, and what is asked for each.
  "item",
  "item_schema",
]);

/** Anthropic's calls of tools hold what a model wrote. */
const TOOL_CALL = /^(?:\w+_)?tool_use$/;

/** Any object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Visits the objects of a request's body at any depth, those aside that hold what is not the client's own.
 *
 * @param foreign  names of members that are not looked into
 */
export function eachObject(
  value: unknown,
  visit: (object: JsonObject, type: string) => void,
  foreign: ReadonlySet<string> = FOREIGN,
): void {
  if (Array.isArray(value)) {
    for (const item of value) eachObject(item, visit, foreign);
    return;
  }
  if (!isJsonObject(value)) return;
  const type = typeof value["type"] === "string" ? value["type"] : "";
  if (TOOL_CALL.test(type)) return;
  visit(value, type);
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === "object" && !foreign.has(name)) eachObject(member, visit, foreign);
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A body's JSON; undefined where it is none. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
