import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { KeyCycleError } from "../error.ts";
import { readTextFile } from "./files.ts";
import { isShowable } from "./secrecy.ts";
import type { Env } from "./interpolate.ts";

export interface LocateOptions {
  /** From `--config`. */
  readonly explicitPath: string | undefined;
  readonly env: Env;
  readonly cwd: string;
}

export interface Located {
  /** Absolute. */
  readonly path: string;
  /** Without a byte order mark. */
  readonly text: string;
  readonly mark: string;
}

/**
 * Finds the config file: `--config`, `$KEYCYCLE_CONFIG`, then the usual places. A file that is named but
 * cannot be read is an error, and so is one in a usual place that exists: to pass over it would start
 * the proxy with other keys than its owner thinks.
 *
 * @returns undefined where there is none
 */
export function locateConfig({ explicitPath, env, cwd }: LocateOptions): Located | undefined {
  if (explicitPath !== undefined) return readNamed(explicitPath, cwd, "--config");
  const fromEnv = env["KEYCYCLE_CONFIG"];
  if (fromEnv !== undefined && fromEnv !== "") return readNamed(fromEnv, cwd, "KEYCYCLE_CONFIG");
  for (const path of usualPlaces(env, cwd)) {
    const file = readTextFile(path);
    if (file.ok) {
      if (path !== join(cwd, SEED_FILE) || hasApiKeys(file.text))
        return { path, text: file.text, mark: file.mark };
    } else if (file.reason !== "does not exist" && path !== join(cwd, SEED_FILE)) {
      throw new KeyCycleError("config/unreadable", `${path} ${file.reason}`);
    }
  }
  return undefined;
}

/** The first version's file. Many programs have one of this name, so it must look like ours. */
const SEED_FILE = "config.json";

/** Where a config is looked for, in order. */
export function usualPlaces(env: Env, cwd: string): string[] {
  const xdg = env["XDG_CONFIG_HOME"];
  // The XDG specification has relative paths ignored.
  const configHome = xdg?.startsWith("/") === true ? xdg : join(env["HOME"] ?? homedir(), ".config");
  const here = ["keycycle.yaml", "keycycle.yml", "keycycle.json", SEED_FILE].map((name) => join(cwd, name));
  return [...here, join(configHome, "keycycle", "keycycle.yaml")];
}

function readNamed(written: string, cwd: string, origin: string): Located {
  const path = resolve(cwd, written);
  const file = readTextFile(path);
  if (file.ok) return { path, text: file.text, mark: file.mark };
  if (file.noText !== undefined && isShowable(written)) {
    const { problem, position, instead } = file.noText;
    throw new KeyCycleError(
      "config/unreadable",
      `${path}:${position.line}:${position.column}  this file ${problem}\n      = ${instead}`,
    );
  }
  throw new KeyCycleError(
    "config/unreadable",
    `${isShowable(written) ? path : "…"} (from ${origin}) ${file.reason}`,
  );
}

/** By its text: a file with a slip in it is ours all the same, and its owner wants to know of the slip. */
function hasApiKeys(text: string): boolean {
  return /["']?apiKeys["']?\s*:/.test(text);
}
