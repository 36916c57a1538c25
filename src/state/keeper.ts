import type { HistoryTable } from "./history-table.ts";

/** A key or a client of which something is learned that should last. */
export interface Subject {
  /** What was learned. The same object for as long as it is the same key or client. */
  readonly learned: object;
  /** What it is known by wherever it is kept. Holds a secret: only a salted hash of it may be stored. */
  identity(): string;
  /** Another number whenever there is something new to keep; 0 where nothing was ever learned. */
  revision(): number;
  /** What is to be kept, as JSON can hold it. */
  record(now: number): object;
  /**
   * Takes over a record.
   *
   * @returns whether it could be understood
   */
  restore(record: unknown, savedMs: number, now: number): boolean;
}

/** Where what was learned lasts. */
export interface StateKeeper {
  /** Restores what is kept of these, and keeps it from now on: of these alone, until called again. */
  follow(subjects: readonly Subject[]): void;
  /** Uses the history of requests that is kept there; undefined where it cannot be used now. */
  onHistory<Result>(use: (table: HistoryTable) => Result): Result | undefined;
  /** Keeps what is new, and lets go of the place. */
  close(): void;
}
