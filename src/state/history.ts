import { setImmediate } from "node:timers/promises";

import type { HistoryConfig } from "../config/config.ts";
import type { RequestRecord } from "../observe/records.ts";
import { hasFailed, type HistoryQuery, type HistoryRow } from "./history-table.ts";
import type { StateKeeper } from "./keeper.ts";

const SAVE_EVERY_MS = 500;

/** So many take about a millisecond to write, or to drop; requests go on in between. */
const RECORDS_AT_ONCE = 100;

/**
 * Of what comes between two saves, so many are kept, and twice as many of what failed: under a load of
 * more than a thousand requests a second the rest would take too much of the processor from serving.
 */
const MOST_AT_A_SAVE = 500;

/** What is read of the history. */
export interface HistoryPage {
  readonly rows: readonly HistoryRow[];
  /** Number of the last request that there is. */
  readonly last: number;
}

/** The requests of late, for `keycycle logs`: written in batches, off the way of requests. */
export class History {
  readonly #keeper: StateKeeper;
  readonly #config: () => HistoryConfig;
  readonly #timer = setInterval(() => void this.#save(), SAVE_EVERY_MS);
  #waiting: RequestRecord[] = [];
  /** Requests that were not kept, since there were too many at once. */
  skipped = 0;

  /** @param config  in force whenever it is asked for */
  constructor(keeper: StateKeeper, config: () => HistoryConfig) {
    this.#keeper = keeper;
    this.#config = config;
    this.#timer.unref();
  }

  add(records: readonly RequestRecord[]): void {
    if (this.#config().keep === 0) return;
    for (const record of records) {
      const most = hasFailed(record) ? 2 * MOST_AT_A_SAVE : MOST_AT_A_SAVE;
      if (this.#waiting.length < most) this.#waiting.push(record);
      else this.skipped += 1;
    }
  }

  read(query: HistoryQuery): HistoryPage {
    this.#write(this.#waiting.splice(0));
    while (!this.#prune(RECORDS_AT_ONCE));
    const page = this.#keeper.onHistory((table) => ({ rows: table.read(query), last: table.last() }));
    return page ?? { rows: [], last: 0 };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#write(this.#waiting.splice(0));
  }

  async #save(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#write(this.#waiting.splice(0, RECORDS_AT_ONCE));
      await setImmediate();
    }
    // What is left of a great deal goes at the next save.
    this.#prune(MOST_AT_A_SAVE);
  }

  /** @returns whether nothing is left that is too much or too old */
  #prune(most: number): boolean {
    const { keep, maxAgeMs } = this.#config();
    const beforeMs = Date.now() - maxAgeMs;
    return this.#keeper.onHistory((table) => table.prune(keep, beforeMs, most)) ?? true;
  }

  #write(records: readonly RequestRecord[]): void {
    if (records.length > 0) this.#keeper.onHistory((table) => table.add(records));
  }
}
