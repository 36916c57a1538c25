import type { Database, Statement } from "bun:sqlite";
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/**
 * Who owns what, one row for each id that a provider gave. `id` is a hash of it: with the owner's tag and
 * an instant that makes some thirty bytes, and a row is found in two microseconds among millions.
 */
export const CREATE_OWNERS = `
  CREATE TABLE owners (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, until_s INTEGER NOT NULL);
`;

/** What the table holds of an id. */
export interface OwnerRow {
  /** 53 bits. */
  readonly id: number;
  /** 48 bits of a salted hash of the owner's identity. */
  readonly owner: number;
  /** Epoch seconds. */
  readonly untilS: number;
}

const Found = Type.Object({ owner: Type.Integer(), until_s: Type.Integer() });
const Last = Type.Object({ last: Type.Union([Type.Integer(), Type.Null()]) });

/** Rows that are looked at in one go for those that have expired: a fraction of a millisecond. */
const PRUNED_AT_ONCE = 2_000;

/** The table `owners` of an open state file. Its methods throw what SQLite throws. */
export class OwnersTable {
  readonly #read: Statement;
  readonly #write: Statement;
  readonly #remove: Statement;
  readonly #last: Statement;
  readonly #prune: Statement;
  readonly #inOne: (change: () => void) => void;

  constructor(database: Database) {
    this.#read = database.query("SELECT owner, until_s FROM owners WHERE id = ?1");
    this.#write = database.query(
      "INSERT INTO owners VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET owner = ?2, until_s = ?3",
    );
    this.#remove = database.query("DELETE FROM owners WHERE id = ?1");
    this.#last = database.query(
      "SELECT max(id) AS last FROM (SELECT id FROM owners WHERE id > ?1 ORDER BY id LIMIT ?2)",
    );
    this.#prune = database.query("DELETE FROM owners WHERE id > ?1 AND id <= ?2 AND until_s <= ?3");
    this.#inOne = database.transaction((change: () => void) => change());
  }

  read(id: number): OwnerRow | undefined {
    const row: unknown = this.#read.get(id);
    return Value.Check(Found, row) ? { id, owner: row.owner, untilS: row.until_s } : undefined;
  }

  /** Writes all of them or none; one that is over by 0 is removed. */
  write(rows: readonly OwnerRow[]): void {
    this.#inOne(() => {
      for (const { id, owner, untilS } of rows) {
        if (untilS === 0) this.#remove.run(id);
        else this.#write.run(id, owner, untilS);
      }
    });
  }

  /**
   * Removes what has expired among the next rows.
   *
   * @param after  id behind which to begin; -1 for the beginning
   * @returns id behind which to go on; -1 where that was the end
   */
  prune(after: number, nowS: number): number {
    const found: unknown = this.#last.get(after, PRUNED_AT_ONCE);
    if (!Value.Check(Last, found) || found.last === null) return -1;
    this.#prune.run(after, found.last, nowS);
    return found.last;
  }
}
