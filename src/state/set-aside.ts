import { existsSync, renameSync } from "node:fs";

/** What SQLite keeps beside a database in WAL mode, and needs to have under the same name. */
const COMPANIONS = ["-wal", "-shm"];

/**
 * Moves a state file that cannot be used out of the way; nothing of it is lost.
 *
 * @param why  becomes part of the new name
 * @param now  epoch milliseconds, likewise
 * @returns the new path; undefined where there is no file or it cannot be moved
 */
export function setAside(path: string, why: string, now: number): string | undefined {
  const time = new Date(now).toISOString().replaceAll(/[-:]/g, "");
  const aside = `${path}.${why}-${time}`;
  try {
    renameSync(path, aside);
    for (const companion of COMPANIONS) {
      if (existsSync(path + companion)) renameSync(path + companion, aside + companion);
    }
    return aside;
  } catch {
    return undefined;
  }
}
