import {
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  closeSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

import { codeOf, KeyCycleError } from "../error.ts";
import { systemReason } from "../system-error.ts";
import { showPath } from "./secrecy.ts";

/** A file as it is to be. */
export interface NewText {
  readonly path: string;
  readonly text: string;
  /** `private`: for its owner only. `kept`: as it is now, and as any file of this user's where it is new. */
  readonly mode: "private" | "kept";
  /** A new one gets the owner of this file, where the system lets us: root edits what is another user's. */
  readonly beside?: string;
}

/**
 * Writes files whole or not at all: each beside its place first, then all into their places. A symbolic
 * link stays one, and what it leads to is replaced; its owner stays, where the system lets us.
 *
 * @returns puts all back as it was
 * @throws KeyCycleError `write/failed`; then none has changed, unless the disk fails between two renames
 */
export function replaceFiles(files: readonly NewText[]): () => void {
  const before = files.map(({ path }) => bytesOf(path));
  putAll(files.map(({ path, text, mode, beside }) => ({ path, content: text, mode, beside })));
  return () => {
    const kept = files.flatMap(({ path }, at) => {
      const content = before[at];
      return content === undefined ? [] : [{ path, content, mode: "kept" as const, beside: undefined }];
    });
    putAll(kept);
    for (const [at, { path }] of files.entries()) if (before[at] === undefined) rmSync(path, { force: true });
  };
}

interface Put {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: NewText["mode"];
  readonly beside: string | undefined;
}

function putAll(files: readonly Put[]): void {
  const ready: { readonly temporary: string; readonly target: string }[] = [];
  process.on("SIGINT", holdOff);
  try {
    for (const file of files) ready.push(writeBeside(file));
    for (const { temporary, target } of ready) putInPlace(temporary, target);
  } catch (error) {
    for (const { temporary } of ready) rmSync(temporary, { force: true });
    throw error;
  } finally {
    process.off("SIGINT", holdOff);
  }
}

/** With a handler a signal waits until the next turn, when all is done. */
function holdOff(): void {}

function writeBeside({ path, content, mode, beside }: Put): { temporary: string; target: string } {
  const target = leadsTo(path);
  const temporary = temporaryBeside(target);
  try {
    const existing = statSync(target, { throwIfNoEntry: false });
    // Found now: of several files none is to be in its place when another cannot be.
    if (existing?.isDirectory() === true) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
    const bits = mode === "private" ? 0o600 : (existing?.mode ?? 0o666 & ~process.umask()) & 0o777;
    const descriptor = openSync(temporary, "wx", bits);
    try {
      writeFileSync(descriptor, content);
      keepOwner(
        descriptor,
        existing ?? (beside === undefined ? undefined : statSync(beside, { throwIfNoEntry: false })),
      );
      // What the process masks of the bits the file before had all the same.
      fchmodSync(descriptor, bits);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return { temporary, target };
  } catch (error) {
    rmSync(temporary, { force: true });
    throw notWritten(path, error);
  }
}

function putInPlace(temporary: string, target: string): void {
  try {
    renameSync(temporary, target);
  } catch (error) {
    throw notWritten(target, error);
  }
}

function notWritten(path: string, error: unknown): KeyCycleError {
  const reason = systemReason(error) ?? `cannot be written (${codeOf(error)})`;
  return new KeyCycleError("write/failed", `${showPath(path)} ${reason}. Nothing was written.`);
}

/** Who may not give files away keeps what was written: its owner is then whoever wrote it. */
function keepOwner(
  descriptor: number,
  like: { readonly uid: number; readonly gid: number } | undefined,
): void {
  if (like === undefined || (like.uid === process.getuid?.() && like.gid === process.getgid?.())) return;
  try {
    fchownSync(descriptor, like.uid, like.gid);
  } catch (error) {
    if (codeOf(error) !== "EPERM") throw error;
  }
}

function bytesOf(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Whether a file may be written or replaced, by making another beside it and taking that away again.
 *
 * @returns the system's word for what is in the way (`EACCES`); undefined where nothing is
 */
export function checkFolder(path: string): string | undefined {
  const temporary = temporaryBeside(leadsTo(path));
  try {
    closeSync(openSync(temporary, "wx", 0o600));
    return undefined;
  } catch (error) {
    return codeOf(error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function temporaryBeside(target: string): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
}

function leadsTo(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
