import { SQLiteError } from "bun:sqlite";

import { codeOf } from "../error.ts";

/** What is in the way of using a state file. */
export type Trouble =
  /** Another process has it open. */
  | { readonly kind: "locked" }
  /** Not a database, or one with broken pages or without our tables. */
  | { readonly kind: "damaged" }
  /** Of a later version of KeyCycle. */
  | { readonly kind: "newer" }
  /** A database of another program. */
  | { readonly kind: "foreign" }
  /** Its owner or its mode keep us from writing it. */
  | { readonly kind: "unwritable" }
  /** Anything else that the system says, such as a full disk. */
  | { readonly kind: "failed"; readonly code: string };

/** Thrown where a file is a database of ours, but what must be in it is not. */
export class Damaged extends Error {
  override readonly name = "Damaged";
}

/** Result codes of SQLite (https://www.sqlite.org/rescode.html) without their extension. */
const PRIMARY = 0xff;
const SQLITE_ERROR = 1;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

export function troubleOf(error: unknown): Trouble {
  if (error instanceof Damaged) return { kind: "damaged" };
  const code = codeOf(error);
  if (!(error instanceof SQLiteError)) {
    return code === "EACCES" || code === "EPERM" ? { kind: "unwritable" } : { kind: "failed", code };
  }
  switch (error.errno & PRIMARY) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return { kind: "locked" };
    // Our statements are sound: what is missing is missing in the file.
    case SQLITE_ERROR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return { kind: "damaged" };
    case SQLITE_READONLY:
      return { kind: "unwritable" };
    default:
      return { kind: "failed", code };
  }
}

/** What is wrong, as a sentence that begins with the file's path. */
export function tellTrouble(path: string, trouble: Trouble): string {
  switch (trouble.kind) {
    case "locked":
      return `${path} is in use by another process.`;
    case "damaged":
      return `${path} is damaged.`;
    case "newer":
      return `${path} was written by a newer KeyCycle.`;
    case "foreign":
      return `${path} is a database of another program and was left as it is.`;
    case "unwritable":
      return `${path} may not be written by this user.`;
    case "failed":
      return `${path} cannot be used (${trouble.code}).`;
  }
}

/** What to do about it. */
export function adviseOn({ kind }: Trouble): string {
  if (kind === "locked") return 'Two KeyCycles that run at once need a "state" of their own each.';
  if (kind === "foreign") return 'Give "state" another path.';
  return 'Mend that, or give "state" another path, or write "state: memory".';
}
