import { parse } from "yaml";

import { blankJsonComments } from "../../config/json-comments.ts";
import { EMPTY_DRAFT, entriesOf } from "../draft.ts";
import { readKeyTexts } from "../key-texts.ts";
import { destinationOf, typedSecrets, type Told } from "../new-key.ts";
import type { Imported } from "./imported.ts";
import { importLiteLlm } from "./litellm.ts";
import { importOwn } from "./own.ts";

/** Tells what a text is, and takes the keys out of it: KeyCycle's own shape, LiteLLM's, or a list of keys. */
export function importText(text: string, told: Told): Imported {
  const bare = text.replace(/^\uFEFF/, "");
  const document = structureOf(bare);
  if (typeof document === "object" && document !== null) {
    if ("model_list" in document) return importLiteLlm(document);
    if ("apiKeys" in document) return importOwn(document);
  }
  return importList(bare, told);
}

function importList(text: string, told: Told): Imported {
  const { secrets, problems } = readKeyTexts(text);
  const keys = typedSecrets(secrets).map((secret) => ({
    secret,
    destination: destinationOf(secret, told),
  }));
  const known = keys.flatMap(({ secret, destination }) =>
    destination === undefined ? [] : [{ secret, destination }],
  );
  return {
    kind: "list of keys",
    draft: { ...EMPTY_DRAFT, entries: entriesOf(known, undefined) },
    unrecognised: keys.flatMap(({ secret, destination }) => (destination === undefined ? [secret] : [])),
    notes: problems.map((problem) => `${problem[0]?.toUpperCase()}${problem.slice(1)}: left out.`),
  };
}

/** @returns undefined where the text is neither YAML nor JSON */
function structureOf(text: string): unknown {
  try {
    return parse(/^\s*(?:\{|\/[/*])/.test(text) ? blankJsonComments(text) : text, { logLevel: "silent" });
  } catch {
    return undefined;
  }
}
