import { parseDocument } from "yaml";

import { envOf } from "../config/dot-env.ts";
import { blankJsonComments } from "../config/json-comments.ts";
import { interpolate } from "../config/interpolate.ts";
import { locateConfig, type LocateOptions } from "../config/locate.ts";
import { DEFAULT_STATE, resolveState, statePlace } from "../config/state-place.ts";
import type { AdminPlace } from "./socket-path.ts";

/**
 * The place of the proxy that serves the configuration which `serve` would find. Only the setting that the
 * place hangs on is read: whoever asks for the status need not have the variables that hold the keys, and
 * a file with a slip in it is not what the proxy serves anyway.
 *
 * @throws KeyCycleError `config/unreadable`
 */
export function findPlace(options: LocateOptions, demo: boolean): AdminPlace {
  if (demo) return { source: { kind: "demo" }, state: { kind: "memory" } };
  const located = locateConfig(options);
  if (located === undefined)
    return { source: { kind: "environment", variables: [] }, state: { kind: "memory" } };
  const { path, text } = located;
  const yaml = /\.jsonc?$/i.test(path) ? blankJsonComments(text) : text;
  const written: unknown = parseDocument(yaml, { logLevel: "silent" }).get("state");
  const filled = interpolate(typeof written === "string" ? written.trim() : "", envOf(path, options.env).env);
  const state = filled.ok && filled.text !== "" ? filled.text : DEFAULT_STATE;
  return { source: { kind: "file", path }, state: resolveState(statePlace(state), path) };
}
