import { lstatSync } from "node:fs";

/**
 * Whether a folder is this user's alone. Temporary files are everybody's: in a folder that another user
 * made first, that user could listen to what is asked, or answer it.
 */
export function isOwnFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory()) return false;
  const isOurs = process.getuid === undefined || found.uid === process.getuid();
  return isOurs && (found.mode & 0o077) === 0;
}
