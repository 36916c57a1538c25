import { Database } from "bun:sqlite";

import { CREATE_HISTORY, HistoryTable } from "./history-table.ts";
import type { StateKeeper } from "./keeper.ts";

/** What is learned lasts as long as the process, in the keys and clients themselves; the history likewise. */
export class MemoryKeeper implements StateKeeper {
  #database: Database | undefined;
  #history: HistoryTable | undefined;
  #isClosed = false;

  follow(): void {}

  onHistory<Result>(use: (table: HistoryTable) => Result): Result | undefined {
    // Requests that a stop breaks off end after it.
    if (this.#isClosed) return undefined;
    if (this.#history === undefined) {
      this.#database = new Database(":memory:", { strict: true });
      this.#database.run(CREATE_HISTORY);
      this.#history = new HistoryTable(this.#database);
    }
    return use(this.#history);
  }

  close(): void {
    this.#isClosed = true;
    this.#database?.close();
  }
}
