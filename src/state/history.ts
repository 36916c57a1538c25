import type { HistoryConfig } from "../config/config.ts";
import type { RequestRecord } from "../observe/records.ts";
import { hasFailed, type HistoryQuery, type HistoryRow } from "./history-table.ts";
import type { StateKeeper } from "./keeper.ts";

const TURN_MS = 500;

/**
 * Of what ends within a turn, so many are kept, and twice as many of what failed: under a load of
 * more than a thousand requests a second the rest would take too much of the processor from serving.
 */
const MOST_IN_A_TURN = 500;

/** What is read of the history. */
export interface HistoryPage {
  readonly rows: readonly HistoryRow[];
  /** Number of the last request that there is. */
  readonly last: number;
}

/**
 * The requests of late, for `keycycle logs`. They are written as the log hands them on, some together, so
 * that none waits in a list of its own, which the end of the process would lose.
 */
export class History {
  readonly #keeper: StateKeeper;
  readonly #config: () => HistoryConfig;
  readonly #timer = setInterval(() => this.#turn(), TURN_MS);
  /** Kept in this turn. */
  #kept = 0;
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
    const kept = this.#kept + records.length <= MOST_IN_A_TURN ? records : this.#choose(records);
    this.skipped += records.length - kept.length;
    this.#kept += kept.length;
    if (kept.length > 0) this.#keeper.onHistory((table) => table.add(kept));
  }

  read(query: HistoryQuery): HistoryPage {
    while (!this.#prune()) continue;
    const page = this.#keeper.onHistory((table) => ({ rows: table.read(query), last: table.last() }));
    return page ?? { rows: [], last: 0 };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #choose(records: readonly RequestRecord[]): RequestRecord[] {
    let kept = this.#kept;
    return records.filter((record) => {
      const fits = kept < (hasFailed(record) ? 2 * MOST_IN_A_TURN : MOST_IN_A_TURN);
      if (fits) kept += 1;
      return fits;
    });
  }

  #turn(): void {
    this.#kept = 0;
    // What is left of a great deal goes at the next turn.
    this.#prune();
  }

  /** @returns whether nothing is left that is too much or too old */
  #prune(): boolean {
    const { keep, maxAgeMs } = this.#config();
    const beforeMs = Date.now() - maxAgeMs;
    return this.#keeper.onHistory((table) => table.prune(keep, beforeMs, MOST_IN_A_TURN)) ?? true;
  }
}
