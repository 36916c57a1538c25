import { dirname, join } from "node:path";
import { parseEnv } from "node:util";

import { lineBreakOf } from "./edit/lines.ts";
import { readTextFile } from "./files.ts";
import type { Env } from "./interpolate.ts";

/** The environment as a configuration file sees it. */
export interface FileEnv {
  readonly env: Env;
  /** The `.env` file beside the configuration, where there is one. */
  readonly file: string | undefined;
}

/** Where the variables of a configuration are kept that the environment does not have. */
export function dotEnvPath(configPath: string): string {
  return join(dirname(configPath), ".env");
}

/**
 * The environment, and behind it the `.env` beside the configuration. Bun reads the `.env` of the working
 * directory when the process starts; this one is also read where KeyCycle was started from elsewhere, and
 * again when the configuration is, so that a key which was put there serves without a restart.
 *
 * @param configPath  absolute
 */
export function envOf(configPath: string, env: Env): FileEnv {
  const path = dotEnvPath(configPath);
  const file = readTextFile(path);
  return file.ok ? { env: { ...parseEnv(file.text), ...env }, file: path } : { env, file: undefined };
}

/**
 * The text of a `.env` file with variables put behind what is there.
 *
 * @param text       as it is now; empty where there is none
 * @param variables  by name; their values fit (`fitsDotEnv`)
 */
export function addVariables(text: string, variables: ReadonlyMap<string, string>, comment: string): string {
  if (variables.size === 0) return text;
  const end = lineBreakOf(text);
  const gap = text === "" ? "" : text.endsWith("\n") ? end : end + end;
  const lines = Array.from(variables, ([name, value]) => `${name}=${quoted(value)}${end}`);
  return `${text}${gap}# ${comment}${end}${lines.join("")}`;
}

/** Quoted where a reader of `.env` files would take a sign for something else. */
function quoted(value: string): string {
  if (/^[\w.:/@%+=,-]*$/.test(value)) return value;
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}

/** Whether Bun and Node read the same out of a `.env` file; Bun fills in `$NAME` even between single quotes. */
export function fitsDotEnv(value: string): boolean {
  return !/[$\\\r\n]/.test(value) && !(value.includes("'") && value.includes('"'));
}
