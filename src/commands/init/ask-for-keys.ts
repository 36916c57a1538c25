import { join, resolve } from "node:path";

import { consola } from "consola";

import { readTextFile } from "../../config/files.ts";
import type { Env } from "../../config/interpolate.ts";
import { problemsOf } from "../../setup/draft-config.ts";
import { EMPTY_DRAFT, entriesOf, joinDrafts, type Draft } from "../../setup/draft.ts";
import { findKeys } from "../../setup/found-keys.ts";
import { importText } from "../../setup/import/import.ts";
import type { Imported } from "../../setup/import/imported.ts";
import { titleOf, type Told } from "../../setup/new-key.ts";
import { askHidden, askMany, askOne, askText, askYes } from "../../terminal/questions.ts";
import { describe, validate } from "../keys/ask-for-secrets.ts";
import { askWhose } from "../keys/ask-whose.ts";
import { noConfig, shownSource, tellImport, textToImport } from "./gather-keys.ts";

/** Files of others that may hold keys, by the names that they usually have. */
const USUAL_FILES = ["config.json", "litellm_config.yaml", "litellm.yaml", "config.yaml"];

/**
 * Asks which keys are to be used.
 *
 * @returns undefined where somebody has none yet and wants a file to fill in
 */
export async function askForKeys(env: Env, told: Told, output: string): Promise<Draft | undefined> {
  let draft = await withFoundFiles(await foundKeys(env), output, told, env);
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
    draft = next === "paste" ? await withPasted(draft, told) : await withImported(draft, told, env);
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

async function withFoundFiles(before: Draft, output: string, told: Told, env: Env): Promise<Draft> {
  let draft = before;
  for (const name of USUAL_FILES) {
    const path = join(process.cwd(), name);
    const file = readTextFile(path);
    if (path === output || !file.ok) continue;
    const found = importText(file.text, told);
    if (found.kind === "list of keys" || found.draft.entries.length === 0) continue;
    if (!(await askYes(`${name} is a ${found.kind}. Import it?`, true))) continue;
    tellImport(found, path);
    draft = takeOver(draft, found, path, env) ?? draft;
  }
  return draft;
}

async function withPasted(draft: Draft, told: Told): Promise<Draft> {
  const text = await askHidden({ message: "Keys (hidden; several at once)", describe, validate });
  const found = importText(text, told);
  return await withUnrecognised(joinDrafts(draft, found.draft), found);
}

async function withImported(draft: Draft, told: Told, env: Env): Promise<Draft> {
  const path = await askText("Which file?", {
    placeholder: "config.json",
    validate(typed) {
      const file = readTextFile(resolve(typed));
      return file.ok ? undefined : `It ${file.reason}`;
    },
  });
  const found = importText(await textToImport(path), told);
  tellImport(found, path);
  const joined = takeOver(draft, found, path, env);
  return joined === undefined ? draft : await withUnrecognised(joined, found);
}

/**
 * Puts what a file holds to what there is, and says what is wrong with it where that would be no good
 * configuration: it is not taken over then, and all other answers stay.
 */
function takeOver(draft: Draft, found: Imported, path: string, env: Env): Draft | undefined {
  const joined = joinDrafts(draft, found.draft);
  const own = problemsOf(found.draft, env);
  const problems = own.length > 0 ? own : problemsOf(joined, env);
  if (problems.length === 0) return joined;
  consola.error(noConfig(shownSource(path), problems));
  return undefined;
}

/** With the keys too whose shape says nothing: somebody is asked whose they are. */
async function withUnrecognised(draft: Draft, { unrecognised }: Imported): Promise<Draft> {
  if (unrecognised.length === 0) return draft;
  const entries = entriesOf(await askWhose(unrecognised), undefined);
  return joinDrafts(draft, { ...EMPTY_DRAFT, entries });
}
