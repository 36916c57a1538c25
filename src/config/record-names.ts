import { parseName } from "./scalars.ts";
import type { Parsed } from "./units.ts";

/** What a map holds whose names its writer chooses. */
export type RecordKind = "headers" | "aliases";

/** What such a map is, in words that follow "a map of". */
export const RECORD_FORMS: Readonly<Record<RecordKind, string>> = {
  headers: "headers (name: value)",
  aliases: "aliases (name: model, or a list of models)",
};

/** The name as it counts, or what is wrong with it. */
export function parseRecordName(kind: RecordKind, name: string): Parsed<string> {
  return kind === "headers" ? parseHeaderName(name) : parseAlias(name);
}

/** Header names as RFC 9110 §5.6.2 has them; those that frame the message are not the config's to set. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
const FRAMING = /^(?:connection|content-length|transfer-encoding|keep-alive|upgrade|te|trailer|expect)$/;

function parseHeaderName(name: string): Parsed<string> {
  if (!HEADER_NAME.test(name))
    return {
      ok: false,
      problem: "is not the name of a header",
      instead: "letters, digits and dashes, such as x-team",
    };
  const lower = name.toLowerCase();
  if (FRAMING.test(lower))
    return { ok: false, problem: "is set by KeyCycle itself", instead: "no such line" };
  return { ok: true, value: lower };
}

function parseAlias(name: string): Parsed<string> {
  const problem = whyNoModel(name);
  return problem === undefined ? parseName(name) : { ok: false, problem };
}

/** Why no single model can have this name; undefined where one can. */
export function whyNoModel(name: string): string | undefined {
  if (/[*?]/.test(name)) return "is a glob, and must be one name";
  return name === "others" ? "is the word for all models that no key names, and must be one name" : undefined;
}
