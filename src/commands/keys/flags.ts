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
  if (!name.ok) throw usage(flag, `--${flag} ${name.problem}.`);
  refuseVariable(flag, name.value);
  return name.value;
}

/** In a configuration it would be filled in, as no name is meant to be. */
function refuseVariable(flag: string, written: string): void {
  if (written.includes("${"))
    throw usage(
      flag,
      `--${flag} holds \${, which a configuration takes for a variable: write the name itself.`,
    );
}

/** Names and globs with commas between them. */
export function parseModels(written: string | undefined): string[] | undefined {
  if (written === undefined) return undefined;
  const problem = whyNoModels(written);
  if (problem !== undefined) throw usage("models", `--models: ${problem}.`);
  refuseVariable("models", written);
  const models = splitList(written);
  if (models.length === 0) throw usage("models", "--models names no model.");
  return [...new Set(models)];
}

/** What is wrong with names and globs that were typed with commas between them; undefined where nothing is. */
export function whyNoModels(written: string): string | undefined {
  for (const model of splitList(written)) {
    const name = parseConfigName(model);
    if (!name.ok) return `"${showTyped(model)}" ${name.problem}`;
    if (/\s/.test(model))
      return `"${showTyped(model)}" holds a blank; several names need commas between them`;
  }
  return undefined;
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
