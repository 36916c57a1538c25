import { dirname, basename } from "node:path";

import { readTextFile } from "../config/files.ts";
import type { Env } from "../config/interpolate.ts";
import { compose } from "./compose.ts";
import { type PlannedFile, planDotEnv } from "./dot-env-file.ts";
import type { Draft } from "./draft.ts";
import { keepOutOfGit } from "./git-ignore.ts";
import type { Store } from "./store.ts";

/** What writing a draft comes to. */
export interface PlannedFiles {
  /** To be written together; the configuration is the last. */
  readonly files: readonly PlannedFile[];
  readonly text: string;
  /** The configuration that is there now; undefined where there is none. */
  readonly before: string | undefined;
}

/**
 * @param path  of the configuration, absolute
 * @param env   whose names are taken
 */
export function planFiles(draft: Draft, store: Store, path: string, env: Env): PlannedFiles {
  const { text, variables, literalSecrets } = compose(draft, store, Object.keys(env));
  const secrets = [
    ...draft.entries.flatMap((entry) => entry.secrets),
    ...draft.clients.map(({ token }) => token),
  ];
  const used = secrets.flatMap((secret) => (secret.kind === "variable" ? [secret.name] : []));
  const dotEnv = planDotEnv(path, variables, used);
  const secretFiles = [...(dotEnv.holdsSecrets ? [".env"] : []), ...(literalSecrets ? [basename(path)] : [])];
  const ignored = secretFiles.length === 0 ? [] : keepOutOfGit(dirname(path), secretFiles);
  const there = readTextFile(path);
  return {
    files: [...dotEnv.files, ...ignored, { path, text, mode: "private" }],
    text,
    before: there.ok ? there.text : undefined,
  };
}
