import { existsSync } from "node:fs";
import { join } from "node:path";

import { consola } from "consola";

import type { Env } from "../../config/interpolate.ts";
import { problemsOf } from "../../setup/draft-config.ts";
import { EMPTY_DRAFT, entriesOf, joinDrafts, type Draft } from "../../setup/draft.ts";
import { findKeys } from "../../setup/found-keys.ts";
import { importText } from "../../setup/import/import.ts";
import type { Imported } from "../../setup/import/imported.ts";
import { titleOf, type Told } from "../../setup/new-key.ts";
import { askHidden, askMany, askOne, askText, askYes } from "../../terminal/questions.ts";
import { describe, validate } from "../keys/ask-for-secrets.ts";
import { askWhose } from "./ask-whose.ts";
import { noConfig, shownSource, tellImport, textToImport } from "./gather-keys.ts";

/** Files of others that may hold keys, by the names that they usually have. */
const USUAL_FILES = ["config.json", "litellm_config.yaml", "litellm.yaml", "config.yaml"];

/**
 * Asks which keys are to be used.
 *
 * @returns undefined where somebody has none yet and wants a file to fill in
 */
export async function askForKeys(env: Env, told: Told, output: string): Promise<Draft | undefined> {
  let draft = joinDrafts(await foundKeys(env), await foundFiles(output, told, env));
  for (;;) {
    const count = draft.entries.reduce((sum, { secrets }) => sum + secrets.length, 0);
    const done = { value: "done", label: `That is all: ${count} ${count === 1 ? "key" : "keys"}` } as const;
    const more = count > 0;
    const next = await askOne(more ? "Any more keys?" : "Where are your keys?", [
      ...(more ? [done] : []),
      { value: "paste", label: "I paste them here", hint: "hidden; several at once, of any providers" },
      { value: "import", label: "In a file", hint: "config.json, LiteLLM's YAML, or one key a line" },
      ...(more
        ? []
        : [{ value: "none", label: "I have none yet", hint: "writes a file to fill in" } as const]),
    ]);
    if (next === "done") return draft;
    if (next === "none") return undefined;
    draft = joinDrafts(draft, next === "paste" ? await pasted(told) : await imported(told, env));
  }
}

async function foundKeys(env: Env): Promise<Draft> {
  const found = findKeys(env);
  if (found.length === 0) return EMPTY_DRAFT;
  const choices = found.map((key) => ({
    value: key,
    label: key.secret.name,
    hint: titleOf(key.destination),
  }));
  const chosen = await askMany("Keys in the environment and .env: which of them?", choices, {
    initial: found,
    required: false,
  });
  return { ...EMPTY_DRAFT, entries: entriesOf(chosen, undefined) };
}

async function foundFiles(output: string, told: Told, env: Env): Promise<Draft> {
  let draft = EMPTY_DRAFT;
  for (const name of USUAL_FILES) {
    const path = join(process.cwd(), name);
    if (path === output || !existsSync(path)) continue;
    const found = importText(await textToImport(path), told);
    if (found.kind === "list of keys" || found.draft.entries.length === 0) continue;
    if (!(await askYes(`${name} is a ${found.kind}. Import it?`, true))) continue;
    tellImport(found, path);
    if (isSound(found, path, env)) draft = joinDrafts(draft, found.draft);
  }
  return draft;
}

async function pasted(told: Told): Promise<Draft> {
  const text = await askHidden({ message: "Keys (hidden; several at once)", describe, validate });
  return await whole(text, told);
}

async function imported(told: Told, env: Env): Promise<Draft> {
  const path = await askText("Which file?", {
    placeholder: "config.json",
    validate: (typed) => (typed !== "" && existsSync(typed) ? undefined : "There is no such file"),
  });
  const text = await textToImport(path);
  const found = importText(text, told);
  tellImport(found, path);
  return isSound(found, path, env) ? await whole(text, told) : EMPTY_DRAFT;
}

/** Says what is wrong with what a file holds, where something is: then it is not taken over, and all other answers stay. */
function isSound({ draft }: Imported, path: string, env: Env): boolean {
  const problems = problemsOf(draft, env);
  if (problems.length > 0) consola.error(noConfig(shownSource(path), problems));
  return problems.length === 0;
}

/** With the keys too whose shape says nothing: somebody is asked whose they are. */
async function whole(text: string, told: Told): Promise<Draft> {
  const { draft, unrecognised } = importText(text, told);
  if (unrecognised.length === 0) return draft;
  const entries = entriesOf(await askWhose(unrecognised), undefined);
  return joinDrafts(draft, { ...EMPTY_DRAFT, entries });
}
