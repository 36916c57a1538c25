import { lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { Value } from "@sinclair/typebox/value";

import { codeOf } from "../error.ts";
import type { Log } from "../observe/log.ts";
import type { AdminHandler } from "./app.ts";
import { isOwnFolder } from "./own-folder.ts";
import { type AdminPlace, ownFolder, socketPath } from "./socket-path.ts";
import { StatusView } from "./views.ts";

/** A process that does not answer for so long is there all the same. */
const PATIENCE_MS = 2_000;

/** No bits for others, whatever the umask; sockets need no bit to execute. */
const OWNER_ONLY = 0o177;

/** What stands at the place of a socket that is to be opened. */
type Occupant = { readonly kind: "nobody" } | { readonly kind: "proxy"; readonly who: string };

/**
 * Answers local commands on a Unix socket that only its owner may open, which is why they need no token. A
 * socket that a dead process left is replaced. Where it cannot be opened the proxy serves without it, and
 * says so.
 *
 * @returns closes it
 */
export async function openSocket(
  place: AdminPlace,
  handle: AdminHandler,
  log: Pick<Log, "message">,
): Promise<() => void> {
  const path = socketPath(place);
  const without = (why: string) => {
    log.message("warn", `${why}: keycycle status and keys cannot reach this proxy`);
    return () => {};
  };
  try {
    if (dirname(path) === ownFolder()) makeOwn(dirname(path));
    const occupant = await occupantOf(path);
    if (occupant.kind === "proxy")
      return without(`This configuration is served already by ${occupant.who}, which answers at ${path}`);
    const umask = process.umask(OWNER_ONLY);
    try {
      const server = Bun.serve({ unix: path, development: false, fetch: handle });
      return () => void server.stop(true);
    } finally {
      process.umask(umask);
    }
  } catch (error) {
    return without(`No socket could be opened at ${path} (${codeOf(error)})`);
  }
}

function makeOwn(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isOwnFolder(folder)) throw Object.assign(new Error(), { code: `${folder} is open to others` });
}

async function occupantOf(path: string): Promise<Occupant> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return { kind: "nobody" };
  if (!found.isSocket()) throw Object.assign(new Error(), { code: "a file is in its place" });
  try {
    const answer = await fetch("http://keycycle/admin/status", {
      unix: path,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const status: unknown = await answer.json();
    const who = Value.Check(StatusView, status) ? `process ${status.pid} (${status.url})` : "another process";
    return { kind: "proxy", who };
  } catch (error) {
    if (codeOf(error) !== "ECONNREFUSED") return { kind: "proxy", who: "another process" };
    unlinkSync(path);
    return { kind: "nobody" };
  }
}
