import { readFileSync, statSync } from "node:fs";

import { KeyCycleError } from "../error.ts";
import { whyNoText, type NoText } from "./text-bytes.ts";
import { showPath } from "./secrecy.ts";

/** A file's text, or why it cannot be had, in words that follow its path. */
export type FileText =
  | {
      readonly ok: true;
      /** Without the mark. */
      readonly text: string;
      /** A byte order mark, which whoever writes the file again has to put before the text, or "". */
      readonly mark: string;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      /** Where the bytes of a file that is there are no text. */
      readonly noText?: NoText;
    };

/** Far beyond any config, and small enough that a wrong path (a disk image, `/dev/zero`) does no harm. */
const MAX_BYTES = 16 * 2 ** 20;

export function readTextFile(path: string): FileText {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return { ok: false, reason: "is a directory, not a file" };
    if (stat.size > MAX_BYTES) return { ok: false, reason: "is larger than 16 MiB" };
    const bytes = readFileSync(path);
    const noText = whyNoText(bytes);
    if (noText !== undefined) {
      const { problem, position, instead } = noText;
      const reason = `${problem} (line ${position.line}, column ${position.column}): ${instead}`;
      return { ok: false, reason, noText };
    }
    const text = bytes.toString("utf8");
    const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
    return { ok: true, text: text.slice(mark.length), mark };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/**
 * What stands in a file that is to get more text.
 *
 * @returns nothing where there is no such file
 * @throws KeyCycleError `write/failed` where it is there and cannot be read: it would be lost
 */
export function textToAmend(path: string): { readonly text: string; readonly mark: string } {
  const file = readTextFile(path);
  if (file.ok) return file;
  if (file.reason === MISSING) return { text: "", mark: "" };
  throw new KeyCycleError("write/failed", `${showPath(path)} ${file.reason}, so nothing was written.`);
}

const MISSING = "does not exist";

/** Whether others than the owner may read a file; Windows has no such bits. */
export function isReadableByOthers(path: string): boolean {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return process.platform !== "win32" && (mode & 0o044) !== 0;
}

/** What to say of such a file that holds keys. */
export function tellReadable(shownPath: string): string {
  return `${shownPath} holds keys and other users can read it: chmod 600 ${shownPath}`;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return MISSING;
    case "EACCES":
    case "EPERM":
      return "may not be read by this user (check its permissions)";
    case "ELOOP":
      return "is a symbolic link to itself";
    default:
      return `cannot be read (${String(code)})`;
  }
}
