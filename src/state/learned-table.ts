import type { Database, Statement } from "bun:sqlite";
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import { Damaged } from "./trouble.ts";

/**
 * What was learned, one row for each key and client. `id` is a salted hash: neither the row nor the whole
 * file tells whose it is to anybody who does not have the key already.
 */
export const CREATE_LEARNED = `
  CREATE TABLE salt (value BLOB NOT NULL);
  INSERT INTO salt VALUES (randomblob(32));
  CREATE TABLE learned (id TEXT PRIMARY KEY, saved_ms INTEGER NOT NULL, record TEXT NOT NULL);
`;

const Salt = Type.Object({ value: Type.Uint8Array({ minByteLength: 16 }) });
const Row = Type.Object({ saved_ms: Type.Number(), record: Type.String() });
const Old = Type.Array(Type.Object({ id: Type.String() }));

/** A record as it was read: JSON of any shape. */
export interface SavedRecord {
  /** Epoch milliseconds. */
  readonly savedMs: number;
  readonly record: unknown;
}

/** Hexadecimal digits of an id, 4 bits each: enough that no two of a million are the same. */
const ID_LENGTH = 32;

/** The table `learned` of an open state file. Its methods throw what SQLite throws. */
export class LearnedTable {
  readonly #salt: Uint8Array;
  readonly #read: Statement;
  readonly #write: Statement;
  readonly #old: Statement;
  readonly #remove: Statement;
  readonly #inOne: (change: () => void) => void;

  constructor(database: Database) {
    const salt = database.query("SELECT value FROM salt").get();
    // A salt that is gone cannot be replaced: no row could be found again.
    if (!Value.Check(Salt, salt)) throw new Damaged("The salt is missing");
    this.#salt = salt.value;
    this.#read = database.query("SELECT saved_ms, record FROM learned WHERE id = ?1");
    this.#write = database.query(
      "INSERT INTO learned VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET saved_ms = ?2, record = ?3",
    );
    this.#old = database.query("SELECT id FROM learned WHERE saved_ms < ?1");
    this.#remove = database.query("DELETE FROM learned WHERE id = ?1");
    this.#inOne = database.transaction((change: () => void) => change());
  }

  /** @param identity  what the key or the client is the same by; holds a secret */
  idOf(identity: string): string {
    return new Bun.CryptoHasher("sha256", this.#salt).update(identity).digest("hex").slice(0, ID_LENGTH);
  }

  /** @returns undefined where there is none, or none that is JSON */
  read(id: string): SavedRecord | undefined {
    const row = this.#read.get(id);
    if (!Value.Check(Row, row)) return undefined;
    try {
      return { savedMs: row.saved_ms, record: JSON.parse(row.record) };
    } catch {
      return undefined;
    }
  }

  /** Writes all of them or none. */
  write(records: readonly { readonly id: string; readonly record: object }[], savedMs: number): void {
    this.#inOne(() => {
      for (const { id, record } of records) this.#write.run(id, savedMs, JSON.stringify(record));
    });
  }

  /** Removes what was last written before an instant and belongs to nobody any more. */
  prune(beforeMs: number, isNeeded: (id: string) => boolean): void {
    const rows: unknown = this.#old.all(beforeMs);
    if (!Value.Check(Old, rows)) return;
    this.#inOne(() => {
      for (const { id } of rows) if (!isNeeded(id)) this.#remove.run(id);
    });
  }
}
