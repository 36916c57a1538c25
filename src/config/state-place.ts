import { dirname, resolve } from "node:path";

import type { StateConfig } from "./config.ts";
import type { Parsed } from "./units.ts";

const MEMORY = "memory";

/** Beside the configuration. */
export const DEFAULT_STATE = "./keycycle.db";

/** What `state` may be: a path, or `memory`. */
export function parseState(text: string): Parsed<string> {
  if (/^rediss?:/i.test(text)) {
    return {
      ok: false,
      problem: "names a Redis server, which KeyCycle cannot keep its state in yet",
      instead: "a file such as ./keycycle.db, or memory",
    };
  }
  // `C:/...` has a scheme of one letter.
  if (text === ":memory:" || /^[a-z][a-z0-9+.-]+:/i.test(text)) {
    return { ok: false, problem: "must be the path of a file, or memory", instead: "./keycycle.db" };
  }
  if (text.startsWith("~")) {
    return {
      ok: false,
      problem: "begins with ~, which only a shell knows",
      instead: `\${HOME}${text.slice(1)}`,
    };
  }
  if (text !== MEMORY && !/[./\\]/.test(text)) {
    return { ok: false, problem: "must be the path of a file, or memory", instead: `memory, or ./${text}` };
  }
  return { ok: true, value: text };
}

/** The place that the text names. */
export function statePlace(text: string): StateConfig {
  return text === MEMORY ? { kind: MEMORY } : { kind: "file", path: text };
}

/** The same with its path made absolute: a path in a config file is relative to the file's folder. */
export function resolveState(state: StateConfig, configPath: string): StateConfig {
  return state.kind === "file" ? { ...state, path: resolve(dirname(configPath), state.path) } : state;
}
