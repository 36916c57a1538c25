import {
  fchmodSync,
  fsyncSync,
  openSync,
  closeSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

import { codeOf, KeyCycleError } from "../error.ts";
import { showTyped } from "./secrecy.ts";

/** A file as it is to be. */
export interface NewText {
  readonly path: string;
  readonly text: string;
  /** `private`: for its owner only. `kept`: as it is now, and as any file of this user's where it is new. */
  readonly mode: "private" | "kept";
}

/**
 * Writes files whole or not at all: each beside its place first, then all into their places. A symbolic
 * link stays one, and what it leads to is replaced.
 *
 * @throws KeyCycleError `write/failed`; then none has changed, unless the disk fails between two renames
 */
export function replaceFiles(files: readonly NewText[]): void {
  const ready: { readonly temporary: string; readonly target: string }[] = [];
  process.on("SIGINT", holdOff);
  try {
    for (const file of files) ready.push(writeBeside(file));
    for (const { temporary, target } of ready) renameSync(temporary, target);
  } catch (error) {
    for (const { temporary } of ready) rmSync(temporary, { force: true });
    throw error;
  } finally {
    process.off("SIGINT", holdOff);
  }
}

/** With a handler a signal waits until the next turn, when all is done. */
function holdOff(): void {}

function writeBeside({ path, text, mode }: NewText): { temporary: string; target: string } {
  const target = leadsTo(path);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    const existing = statSync(target, { throwIfNoEntry: false });
    const bits = mode === "private" ? 0o600 : (existing?.mode ?? 0o666 & ~process.umask()) & 0o777;
    const descriptor = openSync(temporary, "wx", bits);
    try {
      writeFileSync(descriptor, text);
      // What the process masks of the bits the file before had all the same.
      fchmodSync(descriptor, bits);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return { temporary, target };
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new KeyCycleError(
      "write/failed",
      `${showTyped(path)} cannot be written (${codeOf(error)}): does its folder exist, and may you write there?`,
    );
  }
}

function leadsTo(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
