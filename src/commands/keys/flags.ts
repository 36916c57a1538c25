import { parseBaseUrl } from "../../config/base-url.ts";
import { parseName as parseConfigName } from "../../config/scalars.ts";
import { showTyped } from "../../config/secrecy.ts";
import { KeyCycleError } from "../../error.ts";

/** A base URL as the configuration takes it. */
export function parseUrl(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  const url = parseBaseUrl(written);
  if (url.ok) return url.value;
  const instead = url.instead === undefined ? "" : ` Write ${showTyped(url.instead)}.`;
  throw usage("url", `--url ${url.problem}.${instead}`);
}

export function parseName(written: string | undefined): string | undefined {
  return written === undefined ? undefined : namedBy("name", written);
}

/** @param flag  that has the name, for the error */
export function namedBy(flag: string, written: string): string {
  const name = parseConfigName(written);
  if (name.ok) return name.value;
  throw usage(flag, `--${flag} ${name.problem}.`);
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
