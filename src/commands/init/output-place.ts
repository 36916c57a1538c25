import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { checkFolder } from "../../config/replace-file.ts";
import { showTyped } from "../../config/secrecy.ts";
import { KeyCycleError } from "../../error.ts";

/**
 * Where the configuration is to be written, found out before anything is asked.
 *
 * @returns absolute
 * @throws KeyCycleError `usage/output` where no configuration can be written there
 */
export function outputPlace(written: string): string {
  const path = resolve(written);
  const refuse = (why: string) => new KeyCycleError("usage/output", `--output ${showTyped(written)}: ${why}`);
  if (/\.jsonc?$/i.test(path)) {
    const name = written.replace(/\.jsonc?$/i, ".yaml");
    throw refuse(`init writes YAML, and a name in .json would have it read as JSON; ${mendOf(name)}`);
  }
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory() === true || /[/\\]$/.test(written))
    throw refuse(`this is a folder; ${mendOf(`${written.replace(/[/\\]+$/, "")}/keycycle.yaml`)}`);
  if (there !== undefined && !there.isFile()) throw refuse("this is no file that could be replaced.");
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw refuse("its folder does not exist; make it first, or write elsewhere.");
  const problem = checkFolder(path);
  if (problem !== undefined)
    throw refuse(`this user may not write there (${problem}); choose another folder.`);
  return path;
}

function mendOf(name: string): string {
  return `write --output ${showTyped(name)}.`;
}
