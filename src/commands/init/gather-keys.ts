import { relative, resolve } from "node:path";

import { consola } from "consola";

import { readTextFile } from "../../config/files.ts";
import type { Env } from "../../config/interpolate.ts";
import { showTyped } from "../../config/secrecy.ts";
import { KeyCycleError } from "../../error.ts";
import { EMPTY_DRAFT, entriesOf, joinDrafts, type Draft } from "../../setup/draft.ts";
import { problemsOf } from "../../setup/draft-config.ts";
import { findKeys } from "../../setup/found-keys.ts";
import { importText } from "../../setup/import/import.ts";
import type { Imported } from "../../setup/import/imported.ts";
import { destinationOf, type NewSecret, type Told } from "../../setup/new-key.ts";
import { whoseIsUnknown } from "../../setup/whose-key.ts";
import { fromVariables } from "../keys/ask-for-secrets.ts";
import type { Answers } from "./flags.ts";

/**
 * The keys that the flags name, else those that the environment holds; nobody is asked.
 *
 * @throws KeyCycleError `usage/*` where there are none, or nothing tells whose one is
 */
export async function keysByFlags({ told, keyEnv, importPath }: Answers, env: Env): Promise<Draft> {
  let draft = EMPTY_DRAFT;
  if (importPath !== undefined) {
    const imported = importText(await textToImport(importPath), told);
    tellImport(imported, importPath);
    const problems = problemsOf(imported.draft, env);
    if (problems.length > 0)
      throw new KeyCycleError("usage/import", noConfig(shownSource(importPath), problems));
    refuseUnknown(imported.unrecognised, told);
    draft = joinDrafts(draft, imported.draft);
  }
  if (keyEnv !== undefined) {
    const keys = fromVariables(keyEnv, env).map((secret) => ({
      secret,
      destination: destinationOf(secret, told),
    }));
    const known = keys.flatMap(({ secret, destination }) =>
      destination === undefined ? [] : [{ secret, destination }],
    );
    refuseUnknown(
      keys.flatMap(({ secret, destination }) => (destination === undefined ? [secret] : [])),
      told,
    );
    draft = joinDrafts(draft, { ...EMPTY_DRAFT, entries: entriesOf(known, undefined) });
  }
  if (importPath === undefined && keyEnv === undefined)
    draft = { ...draft, entries: entriesOf(findKeys(env), undefined) };
  if (draft.entries.length > 0) return draft;
  throw new KeyCycleError(
    "usage/keys",
    "There are no keys to write a configuration of. Name variables with --key-env OPENAI_API_KEY, import a file with --import FILE (- for standard input), or put OPENAI_API_KEY and the like into the environment or .env. --example writes a file to fill in.",
  );
}

function refuseUnknown(secrets: readonly NewSecret[], told: Told): void {
  if (secrets.length > 0) throw new KeyCycleError("usage/provider", whoseIsUnknown(secrets, told));
}

/** @throws KeyCycleError `usage/import` */
export async function textToImport(path: string): Promise<string> {
  if (path === "-") return await Bun.stdin.text();
  const file = readTextFile(resolve(path));
  if (file.ok) return file.text;
  throw new KeyCycleError("usage/import", `${showTyped(path)} ${file.reason}.`);
}

/** Says what was taken over, and what was not. */
export function tellImport({ kind, draft, unrecognised: left, notes }: Imported, path: string): void {
  const count = draft.entries.reduce((sum, { secrets }) => sum + secrets.length, left.length);
  consola.info(`${shownSource(path)}: a ${kind} with ${count} ${count === 1 ? "key" : "keys"}.`);
  for (const note of notes) consola.warn(note);
}

/** Why what a file holds cannot be taken over. */
export function noConfig(what: string, problems: readonly string[]): string {
  return `${what} makes no configuration that would be taken:\n${problems.map((problem) => `  ${problem}`).join("\n")}`;
}

export function shownSource(path: string): string {
  return path === "-" ? "standard input" : showTyped(relative(process.cwd(), resolve(path)));
}
