/** An error of the system: what it refused, and of which file where it was one. */
interface SystemError extends Error {
  readonly code: string;
  readonly path?: unknown;
  readonly dest?: unknown;
}

/**
 * What the system refused, in plain words to follow the path of a file and a blank.
 *
 * @returns undefined where the error is not the system's
 */
export function systemReason(error: unknown): string | undefined {
  if (!isSystemError(error)) return undefined;
  const words = WORDS.get(error.code);
  return words === undefined ? undefined : `${words} (${error.code})`;
}

/** The file that the system refused, as it was asked for; undefined where it does not say. */
export function systemPath(error: unknown): string | undefined {
  if (!isSystemError(error)) return undefined;
  const { dest, path } = error;
  const named = typeof dest === "string" ? dest : path;
  return typeof named === "string" ? named : undefined;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "does not exist, or its folder does not"],
  ["ENOTDIR", "cannot be there, since a part of its path is a file and no folder"],
  ["EISDIR", "is a folder, not a file"],
  ["EEXIST", "is there already"],
  ["EACCES", "may not be used so by this user: check the permissions of it and of its folder"],
  ["EPERM", "may not be used so by this user: check the permissions of it and of its folder"],
  ["EROFS", "is on a disk that is read-only"],
  ["ENOSPC", "has no space left on its disk"],
  ["EDQUOT", "has no space left of what this user may have on its disk"],
  ["EFBIG", "would be larger than the system lets it be"],
  ["EIO", "cannot be read or written: its disk fails"],
  ["EMFILE", "cannot be opened: too many files are open"],
  ["ENFILE", "cannot be opened: too many files are open"],
  ["ENAMETOOLONG", "has too long a name"],
  ["ELOOP", "is a symbolic link to itself"],
]);
