import { readFileSync, statSync } from "node:fs";

/** A file's text, or why it cannot be had, in words that follow its path. */
export type FileText =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

/** Far beyond any config, and small enough that a wrong path (a disk image, `/dev/zero`) does no harm. */
const MAX_BYTES = 16 * 2 ** 20;

export function readTextFile(path: string): FileText {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return { ok: false, reason: "is a directory, not a file" };
    if (stat.size > MAX_BYTES) return { ok: false, reason: "is larger than 16 MiB" };
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)) };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** Whether others than the owner may read a file; Windows has no such bits. */
export function isReadableByOthers(path: string): boolean {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return process.platform !== "win32" && (mode & 0o044) !== 0;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "does not exist";
    case "EACCES":
    case "EPERM":
      return "may not be read by this user (check its permissions)";
    case "ELOOP":
      return "is a symbolic link to itself";
    case "ERR_ENCODING_INVALID_ENCODED_DATA":
      return "is not UTF-8 text";
    default:
      return `cannot be read (${String(code)})`;
  }
}
