import { realpathSync } from "node:fs";

import type { ConfigSource } from "../config/config.ts";
import type { AdminHandler } from "./app.ts";
import type { WrongProxyView } from "./views.ts";

/** Which configuration a command means, as `meantOf` writes it: two in one folder share a socket unless their `state` differs. */
export const MEANT_HEADER = "keycycle-config";

/**
 * The file that a configuration comes from, absolute and without symbolic links, as it is at this moment:
 * the links of a mounted volume turn to another folder with each change.
 *
 * @returns undefined where it comes from no file
 */
export function servedFile(source: ConfigSource): string | undefined {
  if (source.kind !== "file") return undefined;
  try {
    return realpathSync(source.path);
  } catch {
    // Gone for now: the proxy goes on with what it held.
    return source.path;
  }
}

/** The value of `MEANT_HEADER`; headers hold no text beyond ASCII. */
export function meantOf(source: ConfigSource): string {
  return encodeURIComponent(servedFile(source) ?? "");
}

/**
 * The same API on the socket. A command that means another configuration was led here by the state file
 * that both name: it is told whose proxy this is, with 421, and nothing is done.
 *
 * @param sourceOf  of the configuration in force
 */
export function overSocket(handle: AdminHandler, sourceOf: () => ConfigSource): AdminHandler {
  return (request) => {
    const meant = request.headers.get(MEANT_HEADER);
    if (meant === null || meant === meantOf(sourceOf())) return handle(request);
    const serves = servedFile(sourceOf());
    const wrong: WrongProxyView = { error: "This proxy serves another configuration.", serves };
    return Response.json(wrong, { status: 421 });
  };
}
