import { parseBaseUrl } from "../../config/base-url.ts";
import { nearest } from "../../config/nearest.ts";
import { parseName as parseConfigName } from "../../config/scalars.ts";
import { showTyped } from "../../config/secrecy.ts";
import { KeyCycleError } from "../../error.ts";

/** @throws KeyCycleError `usage/*` where the flag's value is none of the words */
export function parseChoice<T extends string>(
  flag: string,
  written: string | undefined,
  words: readonly T[],
): T | undefined {
  if (written === undefined) return undefined;
  const word = words.find((known) => known === written);
  if (word !== undefined) return word;
  const near = nearest(written, words);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  throw usage(flag, `--${flag} is one of ${words.join(", ")}, not "${showTyped(written)}".${hint}`);
}

/** A base URL as the configuration takes it. */
export function parseUrl(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  const url = parseBaseUrl(written);
  if (url.ok) return url.value;
  const instead = url.instead === undefined ? "" : ` Write ${showTyped(url.instead)}.`;
  throw usage("url", `--url ${url.problem}.${instead}`);
}

export function parseName(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  const name = parseConfigName(written);
  if (name.ok) return name.value;
  throw usage("name", `--name ${name.problem}.`);
}

/** Names and globs with commas between them. */
export function parseModels(written: string | undefined): string[] | undefined {
  if (written === undefined) return undefined;
  const models = splitList(written);
  for (const model of models) {
    const name = parseConfigName(model);
    if (!name.ok) throw usage("models", `--models: "${showTyped(model)}" ${name.problem}.`);
  }
  if (models.length === 0) throw usage("models", "--models names no model.");
  return models;
}

/** What stands between commas. */
export function splitList(written: string): string[] {
  return written
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function usage(flag: string, message: string): KeyCycleError {
  return new KeyCycleError(`usage/${flag}`, message);
}
