import { Database } from "bun:sqlite";
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { MIGRATIONS } from "./migrations.ts";
import { setAside } from "./set-aside.ts";
import { type Trouble, troubleOf } from "./trouble.ts";

/** By which a file is known as KeyCycle's: "KCyc". */
const APPLICATION_ID = 0x4b_43_79_63;

/** A file that could not be used and was moved out of the way of a new one. */
export interface Replaced {
  readonly trouble: Trouble;
  readonly movedTo: string;
}

type Attempt<Tables> =
  | { readonly kind: "open"; readonly database: Database; readonly tables: Tables }
  | { readonly kind: "closed"; readonly trouble: Trouble };

export type Opened<Tables> = Attempt<Tables> & { readonly replaced?: Replaced };

/**
 * Opens the state file for this process alone, makes it where it is missing (mode 0600), and brings its
 * tables up to date. A file of ours that cannot be used is moved aside and a new one begun; what belongs
 * to somebody else, and what is in use, is left as it is.
 *
 * @param prepare  makes the tables' modules; may throw `Damaged`
 * @param now      epoch milliseconds
 */
export function openDatabase<Tables>(
  path: string,
  prepare: (database: Database) => Tables,
  now: number,
): Opened<Tables> {
  const first = tryOpen(path, prepare);
  if (first.kind === "open") return first;
  const { trouble } = first;
  const mayMove = trouble.kind === "damaged" || trouble.kind === "newer" || trouble.kind === "unwritable";
  const why = trouble.kind === "damaged" ? "corrupt" : trouble.kind;
  const movedTo = mayMove ? setAside(path, why, now) : undefined;
  if (movedTo === undefined) return first;
  return { ...tryOpen(path, prepare), replaced: { trouble, movedTo } };
}

function tryOpen<Tables>(path: string, prepare: (database: Database) => Tables): Attempt<Tables> {
  let database: Database | undefined;
  try {
    makeReady(path);
    database = new Database(path, { readwrite: true, create: false, strict: true });
    // One process at a time: each writes what it believes as a whole, so two would undo each other's.
    database.run("PRAGMA locking_mode = EXCLUSIVE");
    const trouble = whoseTrouble(database);
    if (trouble !== undefined) {
      database.close();
      return { kind: "closed", trouble };
    }
    database.run("PRAGMA journal_mode = WAL");
    // The end of the process, however it comes, loses nothing; a power cut may lose the last batches.
    database.run("PRAGMA synchronous = NORMAL");
    migrate(database);
    return { kind: "open", database, tables: prepare(database) };
  } catch (error) {
    database?.close();
    return { kind: "closed", trouble: troubleOf(error) };
  }
}

/** SQLite would make the file with the mode that the umask leaves, and open one that may only be read. */
function makeReady(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
    return;
  }
  if (!found.isFile()) throw Object.assign(new Error(), { code: "it is not a file" });
  closeSync(openSync(path, "r+"));
  if ((found.mode & 0o077) !== 0 && found.uid === process.getuid?.()) chmodSync(path, found.mode & 0o700);
}

/** Whose the file is, where it is not one that this version understands. */
function whoseTrouble(database: Database): Trouble | undefined {
  const isOurs = numberOf(database, "PRAGMA application_id") === APPLICATION_ID;
  const isEmpty = numberOf(database, "SELECT count(*) FROM sqlite_schema") === 0;
  if (!isOurs && !isEmpty) return { kind: "foreign" };
  return numberOf(database, "PRAGMA user_version") > MIGRATIONS.length ? { kind: "newer" } : undefined;
}

function migrate(database: Database): void {
  const seen = numberOf(database, "PRAGMA user_version");
  if (seen === MIGRATIONS.length) return;
  database.transaction(() => {
    for (const step of MIGRATIONS.slice(seen)) database.run(step);
    database.run(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.run(`PRAGMA user_version = ${MIGRATIONS.length}`);
  })();
}

function numberOf(database: Database, query: string): number {
  const [value] = database.query(query).values()[0] ?? [];
  return typeof value === "number" ? value : Number.NaN;
}
