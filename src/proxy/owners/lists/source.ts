import type { Cursor, Item, ListPage } from "./list-page.ts";

/** Asks an account for the page at a cursor; undefined where it does not give one. */
export type AskForPage = (cursor: Cursor | undefined) => Promise<ListPage | undefined>;

/** From where a source goes on. */
export interface Position {
  /** Of the page; undefined for the first. */
  readonly cursor: Cursor | undefined;
  /** Things of that page that were taken already. */
  readonly taken: number;
}

const BEGINNING: Position = { cursor: undefined, taken: 0 };

/** One account's list, read page by page as it is needed. */
export class Source {
  readonly #ask: AskForPage;
  #cursor: Cursor | undefined;
  #skip: number;
  #page: ListPage | undefined = undefined;
  #taken = 0;
  #hasEnded = false;
  #envelope: ListPage["envelope"] | undefined = undefined;
  lastTaken: string | undefined = undefined;

  constructor(ask: AskForPage, { cursor, taken }: Position = BEGINNING) {
    this.#ask = ask;
    this.#cursor = cursor;
    this.#skip = taken;
  }

  /** Of the first answer; undefined where there was none. */
  get envelope(): ListPage["envelope"] | undefined {
    return this.#envelope;
  }

  /** The next thing, once `fill` has come back; undefined at the end. */
  get head(): Item | undefined {
    return this.#page?.items[this.#taken];
  }

  /** Whether `head` is to be believed without another `fill`. */
  get isReady(): boolean {
    return this.#hasEnded || this.head !== undefined;
  }

  /** Whether there is more than was taken, as far as the account has said. */
  get hasMore(): boolean {
    return (
      !this.#hasEnded &&
      (this.#page === undefined || this.head !== undefined || this.#page.next !== undefined)
    );
  }

  /** Where to go on; undefined at the end. */
  get position(): Position | undefined {
    if (!this.hasMore) return undefined;
    if (this.head !== undefined) return { cursor: this.#cursor, taken: this.#taken };
    return { cursor: this.#page?.next, taken: 0 };
  }

  /** Sees to it that the next thing is there, unless that was the last. */
  async fill(): Promise<void> {
    while (!this.#hasEnded && this.head === undefined) {
      if (this.#page !== undefined) this.#cursor = this.#page.next;
      this.#hasEnded = this.#page !== undefined && this.#cursor === undefined;
      if (this.#hasEnded) return;
      this.#page = await this.#ask(this.#cursor);
      this.#taken = Math.min(this.#skip, this.#page?.items.length ?? 0);
      this.#skip = 0;
      this.#envelope ??= this.#page?.envelope;
      this.#hasEnded = this.#page === undefined;
    }
  }

  take(): void {
    this.lastTaken = this.head?.id;
    this.#taken += 1;
  }
}
