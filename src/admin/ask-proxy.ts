import { existsSync } from "node:fs";
import { dirname } from "node:path";

import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import { codeOf, KeyCycleError } from "../error.ts";
import { MEANT_HEADER, meantOf, servedFile } from "./over-socket.ts";
import { isOwnFolder } from "./own-folder.ts";
import { type AdminPlace, ownFolder, socketPath } from "./socket-path.ts";
import { ErrorView, WrongProxyView } from "./views.ts";

/** Far more than an answer takes; what takes longer does not answer at all. */
const PATIENCE_MS = 10_000;

/**
 * Asks the running proxy over its socket.
 *
 * @param path    with its query, `/admin/...`
 * @param schema  what the answer has to be
 * @throws KeyCycleError `admin/not-running`, `admin/not-trusted`, `admin/no-answer`, `admin/refused`,
 * `admin/not-understood`, `admin/another` where the proxy there serves another configuration
 */
export async function askProxy<Schema extends TSchema>(
  place: AdminPlace,
  method: "GET" | "POST",
  path: string,
  schema: Schema,
): Promise<Static<Schema>> {
  const unix = socketPath(place);
  const folder = dirname(unix);
  if (folder === ownFolder() && existsSync(folder) && !isOwnFolder(folder)) {
    throw new KeyCycleError(
      "admin/not-trusted",
      `${folder} is another user's or open to others, so what answers there is not trusted. Remove it, and restart keycycle serve.`,
    );
  }
  let answer: Response;
  let body: unknown;
  try {
    answer = await fetch(`http://keycycle${path}`, {
      method,
      unix,
      headers: { [MEANT_HEADER]: meantOf(place.source) },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    body = await answer.json();
  } catch (error) {
    throw notReached(place, unix, codeOf(error));
  }
  if (answer.ok && Value.Check(schema, body)) return body;
  if (answer.status === 421 && Value.Check(WrongProxyView, body)) throw another(place, unix, body);
  if (!answer.ok && Value.Check(ErrorView, body)) throw new KeyCycleError("admin/refused", body.error);
  throw new KeyCycleError(
    "admin/not-understood",
    "The running proxy answers in a way that this keycycle does not understand: it is of another version. Restart it with this one.",
  );
}

function another({ source }: AdminPlace, unix: string, { serves }: WrongProxyView): KeyCycleError {
  const asked = servedFile(source) ?? "the environment";
  const served = serves ?? "no configuration file";
  const mend = serves === undefined ? "" : ` To ask that one, say --config ${served}.`;
  return new KeyCycleError(
    "admin/another",
    `The proxy at ${unix} serves ${served}, not ${asked}, so nothing was asked of it.${mend} To serve both at the same time, give each a state file of its own (state: ./another.db).`,
  );
}

function notReached({ source }: AdminPlace, path: string, code: string): KeyCycleError {
  if (code === "EACCES" || code === "EPERM") {
    return new KeyCycleError(
      "admin/not-trusted",
      `${path} belongs to another user, who alone may ask the proxy. Run this as that user.`,
    );
  }
  if (code !== "ENOENT" && code !== "ECONNREFUSED") {
    return new KeyCycleError(
      "admin/no-answer",
      `The proxy at ${path} does not answer (${code}). Restart it if it stays so.`,
    );
  }
  const what = source.kind === "file" ? source.path : source.kind === "demo" ? "the demo" : "the environment";
  const start = source.kind === "demo" ? "keycycle serve --demo" : "keycycle serve";
  return new KeyCycleError(
    "admin/not-running",
    `No proxy that serves ${what} answers at ${path} (${code}). Start it with ${start}; --config names another configuration.`,
  );
}
