import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { codeOf, KeyCycleError } from "../../error.ts";

const LOOK_EVERY_MS = 50;
const GIVE_UP_MS = 15_000;

/**
 * Edits a configuration while no other command does: two that read it at once would each write it without
 * what the other put there. Whoever may not write beside it is told so by the edit itself.
 *
 * @param path  of the configuration, absolute
 * @throws KeyCycleError `keys/busy` where another command is at work for long; what `edit` throws
 */
export async function inTurn(path: string, edit: () => Promise<void>): Promise<void> {
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  const untilMs = Date.now() + GIVE_UP_MS;
  while (!take(lock)) {
    const owner = ownerOf(lock);
    if (owner !== undefined && !isAlive(owner)) rmSync(lock, { force: true });
    else if (Date.now() > untilMs) throw busy(path, owner);
    else await Bun.sleep(LOOK_EVERY_MS);
  }
  const release = () => rmSync(lock, { force: true });
  process.on("exit", release);
  try {
    await edit();
  } finally {
    process.off("exit", release);
    release();
  }
}

function take(lock: string): boolean {
  try {
    const descriptor = openSync(lock, "wx", 0o600);
    writeFileSync(descriptor, String(process.pid));
    closeSync(descriptor);
    return true;
  } catch (error) {
    return codeOf(error) !== "EEXIST";
  }
}

/** Undefined while it is being written, or where it is gone again. */
function ownerOf(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function busy(path: string, owner: number | undefined): KeyCycleError {
  const who = owner === undefined ? "another command" : `another command (process ${owner})`;
  return new KeyCycleError(
    "keys/busy",
    `${basename(path)} is being edited by ${who}, so nothing was written. Run this again when that is done.`,
  );
}
