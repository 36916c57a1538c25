import { basename, dirname, relative, resolve } from "node:path";

import { envOf, type FileEnv } from "../../config/dot-env.ts";
import type { EditOptions } from "../../config/edit/remove-key.ts";
import { readTextFile } from "../../config/files.ts";
import { locateConfig } from "../../config/locate.ts";
import { KeyCycleError } from "../../error.ts";

/** A configuration file that is about to be edited. */
export interface EditableConfig {
  /** Absolute. */
  readonly path: string;
  /** As messages name it. */
  readonly shownPath: string;
  /** A byte order mark, which stays, or nothing. */
  readonly mark: string;
  /** Without the mark. */
  readonly text: string;
  readonly env: FileEnv["env"];
  readonly options: EditOptions;
}

/**
 * Finds the configuration that `serve` would find.
 *
 * @throws KeyCycleError `config/*`
 */
export function editableConfig(explicitPath: string | undefined): EditableConfig {
  const cwd = process.cwd();
  const located = locateConfig({ explicitPath, env: process.env, cwd });
  if (located === undefined) {
    throw new KeyCycleError(
      "config/none-found",
      "There is no configuration to edit here. keycycle init makes one; --config names one elsewhere.",
    );
  }
  const { path, text, mark } = located;
  const { env } = envOf(path, process.env);
  const short = relative(cwd, path);
  const shownPath = short.startsWith("..") || cwd === "/" ? path : short || basename(path);
  return {
    path,
    shownPath,
    mark,
    text,
    env,
    options: {
      path: shownPath,
      env,
      readKeysFile: (written) => readTextFile(resolve(dirname(path), written)),
    },
  };
}
