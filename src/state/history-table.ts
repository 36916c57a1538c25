import type { Database, Statement } from "bun:sqlite";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import type { RequestRecord } from "../observe/records.ts";

/** Requests that are over, in the order in which they ended. A number is never given twice. */
export const CREATE_HISTORY = `
  CREATE TABLE request (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    key TEXT NOT NULL,
    model TEXT NOT NULL,
    alias TEXT NOT NULL,
    client TEXT NOT NULL,
    record TEXT NOT NULL
  );
  CREATE INDEX request_at ON request (at_ms);
`;

/** Which requests are asked for; what is undefined does not matter. */
export interface HistoryQuery {
  /** Behind the one of this number; the first of them. Undefined: the last that there are. */
  readonly after: number | undefined;
  readonly limit: number;
  readonly failed: boolean;
  /** Name of a key that answered or was tried. */
  readonly key: string | undefined;
  /** Name of a model or an alias, or a glob. */
  readonly model: string | undefined;
  readonly client: string | undefined;
  /** Epoch milliseconds. */
  readonly sinceMs: number | undefined;
}

const Row = Type.Object({ number: Type.Number(), record: Type.String() });
const Rows = Type.Array(Row);
/** One as it was read: its record is JSON of any shape. */
export type HistoryRow = Static<typeof Row>;

const WANTED = `
  (?1 = 0 OR failed = 1)
  AND (?2 IS NULL OR key = ?2 OR EXISTS (
    SELECT 1 FROM json_each(record, '$.attempts') WHERE json_extract(value, '$.key') = ?2))
  AND (?3 IS NULL OR model = ?3 OR alias = ?3 OR model GLOB ?3 OR alias GLOB ?3)
  AND (?4 IS NULL OR client = ?4)
  AND at_ms >= ?5 AND number > ?6`;

/** The table `request` of an open database. Its methods throw what SQLite throws. */
export class HistoryTable {
  readonly #insert: Statement;
  readonly #next: Statement;
  readonly #latest: Statement;
  readonly #last: Statement;
  readonly #dropBeyond: Statement;
  readonly #dropOld: Statement;
  readonly #inOne: (change: () => void) => void;

  constructor(database: Database) {
    this.#insert = database.query("INSERT INTO request VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    this.#next = database.query(
      `SELECT number, record FROM request WHERE ${WANTED} ORDER BY number LIMIT ?7`,
    );
    this.#latest = database.query(
      `SELECT number, record FROM request WHERE ${WANTED} ORDER BY number DESC LIMIT ?7`,
    );
    this.#last = database.query("SELECT max(number) FROM request");
    this.#dropBeyond = database.query(
      "DELETE FROM request WHERE number IN (SELECT number FROM request WHERE number <= ?1 ORDER BY number LIMIT ?2)",
    );
    this.#dropOld = database.query(
      "DELETE FROM request WHERE number IN (SELECT number FROM request WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
    );
    this.#inOne = database.transaction((change: () => void) => change());
  }

  /** Writes all of them or none. */
  add(records: readonly RequestRecord[]): void {
    this.#inOne(() => {
      for (const record of records) {
        const { at, key, model, alias, client } = record;
        const text = JSON.stringify(record);
        this.#insert.run(at, hasFailed(record) ? 1 : 0, key, model, alias ?? "", client, text);
      }
    });
  }

  /** @returns in the order in which they ended */
  read({ after, limit, failed, key, model, client, sinceMs }: HistoryQuery): HistoryRow[] {
    const wanted = [failed ? 1 : 0, key ?? null, model ?? null, client ?? null, sinceMs ?? 0] as const;
    const rows: unknown =
      after === undefined
        ? this.#latest.all(...wanted, 0, limit).toReversed()
        : // Behind what there never was comes all that a new history has.
          this.#next.all(...wanted, after > this.last() ? 0 : after, limit);
    return Value.Check(Rows, rows) ? rows : [];
  }

  /** Number of the last; 0 where there is none. */
  last(): number {
    const [value] = this.#last.values()[0] ?? [];
    return typeof value === "number" ? value : 0;
  }

  /**
   * Leaves so many, and none that arrived before an instant; drops no more than `most` for either reason.
   *
   * @returns whether that was all
   */
  prune(keep: number, beforeMs: number, most: number): boolean {
    const beyond = this.#dropBeyond.run(this.last() - keep, most).changes;
    const old = this.#dropOld.run(beforeMs, most).changes;
    return beyond < most && old < most;
  }
}

/** Whether a request ended otherwise than its client wished. */
export function hasFailed({ status, error }: RequestRecord): boolean {
  return status >= 400 || error !== undefined;
}
