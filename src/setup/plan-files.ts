import { dirname, basename } from "node:path";

import { addVariables, dotEnvPath } from "../config/dot-env.ts";
import { readTextFile } from "../config/files.ts";
import type { Env } from "../config/interpolate.ts";
import type { NewText } from "../config/replace-file.ts";
import { compose } from "./compose.ts";
import type { Draft } from "./draft.ts";
import { keepOutOfGit } from "./git-ignore.ts";
import type { Store } from "./store.ts";

/** What writing a draft comes to. */
export interface PlannedFiles {
  /** To be written together; the configuration is the last. */
  readonly files: readonly NewText[];
  readonly text: string;
  /** The configuration that is there now; undefined where there is none. */
  readonly before: string | undefined;
  /** Put into `.env`. */
  readonly variables: readonly string[];
}

/**
 * @param path  of the configuration, absolute
 * @param env   whose names are taken
 */
export function planFiles(draft: Draft, store: Store, path: string, env: Env): PlannedFiles {
  const { text, variables, literalSecrets } = compose(draft, store, Object.keys(env));
  const files: NewText[] = [];
  if (variables.size > 0) {
    const dotEnv = dotEnvPath(path);
    const before = readTextFile(dotEnv);
    const all = addVariables(before.ok ? before.text : "", variables, "Keys of keycycle");
    files.push({ path: dotEnv, text: all, mode: "private" });
  }
  const secretFiles = [...(variables.size > 0 ? [".env"] : []), ...(literalSecrets ? [basename(path)] : [])];
  if (secretFiles.length > 0) files.push(...keepOutOfGit(dirname(path), secretFiles));
  files.push({ path, text, mode: "private" });
  const there = readTextFile(path);
  return { files, text, before: there.ok ? there.text : undefined, variables: [...variables.keys()] };
}
