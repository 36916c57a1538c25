import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

const ErrorAnswer = Type.Union([
  Type.Object({ error: Type.Union([Type.Object({}), Type.String()]), object: Type.Optional(Type.String()) }),
  Type.Object({ type: Type.Literal("error") }),
  Type.Object({ event_type: Type.Literal("error") }),
  Type.Object({ type: Type.Literal("response.failed"), response: Type.Object({ error: Type.Object({}) }) }),
]);

/** Things that may have an `error` as one of their fields and be a proper answer all the same. */
const RESOURCE = /^(?!chat\.completion|text_completion|error$|list$)/;

/**
 * The JSON of an answer or of an event, where it is an error although its status was 200: OpenRouter,
 * vLLM and others say so when they learn of it late. A job that tells why it failed is no such error.
 */
export function errorIn(json: string): string | undefined {
  // Nearly all are told apart without being parsed.
  if (!json.includes('"error"')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!Value.Check(ErrorAnswer, value)) return undefined;
  return "object" in value && value.object !== undefined && RESOURCE.test(value.object) ? undefined : json;
}
