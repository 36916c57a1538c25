import { parseEnv } from "node:util";

import { addVariables, dotEnvPath } from "../config/dot-env.ts";
import { isReadableByOthers, readTextFile, textToAmend } from "../config/files.ts";
import type { NewText } from "../config/replace-file.ts";

/** A file that is to be written, and what a person is told of it. */
export interface PlannedFile extends NewText {
  readonly note?: string;
}

/** What becomes of the `.env` beside a configuration. */
export interface DotEnvPlan {
  /** Nothing where it stays as it is. */
  readonly files: readonly PlannedFile[];
  /** Whether the configuration has secrets in it, new ones or such that were there. */
  readonly holdsSecrets: boolean;
}

/**
 * Puts variables into the `.env` beside a configuration. One that holds secrets is for its owner only, also
 * where they were there before.
 *
 * @param added  by name
 * @param used   names that the configuration refers to
 */
export function planDotEnv(
  configPath: string,
  added: ReadonlyMap<string, string>,
  used: readonly string[],
): DotEnvPlan {
  const path = dotEnvPath(configPath);
  const { text, mark } = added.size > 0 ? textToAmend(path) : textOf(path);
  const there = parseEnv(text);
  const holdsSecrets = added.size > 0 || used.some((name) => Object.hasOwn(there, name));
  const all = mark + addVariables(text, added, "Keys of keycycle");
  const file = { path, text: all, mode: "private", beside: configPath } as const;
  if (added.size > 0) return { files: [{ ...file, note: [...added.keys()].join(", ") }], holdsSecrets };
  const isOpen = holdsSecrets && isReadableByOthers(path);
  return { files: isOpen ? [{ ...file, note: "for its owner only now" }] : [], holdsSecrets };
}

function textOf(path: string): { readonly text: string; readonly mark: string } {
  const file = readTextFile(path);
  return file.ok ? file : { text: "", mark: "" };
}
