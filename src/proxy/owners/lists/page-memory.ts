/** Where a merged page ended. */
export interface PageEnd {
  /** When its last thing was made, epoch milliseconds; undefined where that did not say. */
  readonly atMs: number | undefined;
  /** The last thing that was taken of each account's list, by the account's number. */
  readonly lastTaken: ReadonlyMap<number, string>;
}

const MAX_PAGES = 1_000;

/**
 * Where pages ended that were answered of late, by their last id, so that the next page need not begin at
 * the beginning. It may forget: then the lists are read again up to that id.
 */
export class PageMemory {
  readonly #ends = new Map<string, PageEnd>();

  get(list: string, lastId: string): PageEnd | undefined {
    return this.#ends.get(`${list} ${lastId}`);
  }

  set(list: string, lastId: string, end: PageEnd): void {
    this.#ends.set(`${list} ${lastId}`, end);
    if (this.#ends.size <= MAX_PAGES) return;
    for (const oldest of this.#ends.keys()) {
      this.#ends.delete(oldest);
      return;
    }
  }
}
