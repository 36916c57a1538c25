import { lstatSync, unlinkSync } from "node:fs";

import { Value } from "@sinclair/typebox/value";

import { codeOf } from "../error.ts";
import { servedFile } from "./over-socket.ts";
import type { AdminPlace } from "./socket-path.ts";
import { StatusView } from "./views.ts";

/** A process that does not answer for so long is there all the same. */
const PATIENCE_MS = 2_000;

/**
 * Whether a process answers at the place of a socket. A socket that a dead one left is removed.
 *
 * @throws where something else than a socket is there
 */
export async function isAnswered(path: string): Promise<boolean> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (!found.isSocket()) throw Object.assign(new Error(), { code: "a file is in its place" });
  try {
    // A path that nobody has costs the other process nothing.
    await ask(path, "/");
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    if (codeOf(error) !== "ECONNREFUSED") return true;
    unlinkSync(path);
    return false;
  }
}

/** For the log of a proxy whose socket another has: which one, what it serves, and what can be done. */
export async function tellWhoAnswers(path: string, { source }: AdminPlace): Promise<string> {
  const status = await statusAt(path);
  const who = status === undefined ? "Another process" : `Process ${status.pid} (${status.url})`;
  const until = "keycycle status and keys cannot reach this proxy until that one ends";
  const [ours, theirs] = [servedFile(source), status?.config];
  if (status === undefined || ours === theirs)
    return `${who} serves this configuration already and answers at ${path}: ${until}`;
  return `${who} serves ${theirs ?? "no configuration file"} with the same state file and answers at ${path}: ${until}. Give each configuration a state file of its own (state: ./another.db)`;
}

async function statusAt(path: string): Promise<StatusView | undefined> {
  try {
    const status: unknown = await (await ask(path, "/admin/status")).json();
    return Value.Check(StatusView, status) ? status : undefined;
  } catch {
    return undefined;
  }
}

async function ask(unix: string, path: string): Promise<Response> {
  return await fetch(`http://keycycle${path}`, { unix, signal: AbortSignal.timeout(PATIENCE_MS) });
}
