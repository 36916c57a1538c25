import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import { lineBreakOf } from "../config/edit/lines.ts";
import { readTextFile, textToAmend } from "../config/files.ts";
import type { NewText } from "../config/replace-file.ts";

/**
 * Keeps files with secrets out of version control: the `.gitignore` of their folder with the names put
 * behind what is there.
 *
 * @param folder  absolute
 * @returns nothing outside of a working tree of git, or where all of them are ignored already
 */
export function keepOutOfGit(folder: string, names: readonly string[]): NewText[] {
  const folders = foldersOfTree(folder);
  if (folders === undefined) return [];
  const patterns = folders.flatMap((each) => patternsOf(textOf(join(each, ".gitignore"))));
  const open = names.filter((name) => !patterns.some((pattern) => ignores(pattern, name)));
  if (open.length === 0) return [];
  const path = join(folder, ".gitignore");
  const { text: before, mark } = textToAmend(path);
  const end = lineBreakOf(before);
  const gap = before === "" || before.endsWith("\n") ? "" : end;
  return [{ path, text: mark + before + gap + open.map((name) => name + end).join(""), mode: "kept" }];
}

/** The folder and those above it, up to the root of its working tree; undefined where it is in none. */
function foldersOfTree(folder: string): string[] | undefined {
  const folders = [folder];
  for (let at = folder; !existsSync(join(at, ".git")); at = dirname(at)) {
    if (dirname(at) === at) return undefined;
    folders.push(dirname(at));
  }
  return folders;
}

function textOf(path: string): string {
  const file = readTextFile(path);
  return file.ok ? file.text : "";
}

function patternsOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** Whether a line takes a file of the folder in; what it says of other folders is not looked at. */
function ignores(pattern: string, name: string): boolean {
  const bare = pattern.replace(/^(?:\*\*)?\//, "");
  return bare !== "" && new Bun.Glob(bare).match(name);
}
