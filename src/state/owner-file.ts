import type { OwnerBook, OwnerEntry, OwnerShelf } from "./owner-book.ts";
import { NOBODY } from "./owner-book.ts";
import type { OwnerRow, OwnersTable } from "./owners-table.ts";

/** Rows in one transaction; requests go on in between. */
const ROWS_AT_ONCE = 100;

/** How often the whole table is gone through for what has expired, a little at each save. */
const PRUNE_EVERY_MS = 6 * 3_600_000;

/** Digits of a salted hash that make an owner's tag, 4 bits each. */
const TAG_DIGITS = 12;

interface OpenFile {
  readonly table: OwnersTable;
  /** The salted hash of an identity, hexadecimal. */
  readonly idOf: (identity: string) => string;
  /** By the number of the owner. */
  readonly tags: number[];
  readonly numbers: Map<number, number>;
}

/** Keeps a book in the state file while that is open. */
export class OwnerFile implements OwnerShelf {
  readonly #book: OwnerBook;
  #open: OpenFile | undefined = undefined;
  #error: unknown = undefined;
  #prunedUpTo = -1;
  #pruneAtMs = 0;

  constructor(book: OwnerBook) {
    this.#book = book;
    book.keepOn(this);
  }

  open(table: OwnersTable, idOf: (identity: string) => string): void {
    this.#open = { table, idOf, tags: [NOBODY], numbers: new Map() };
  }

  close(): void {
    this.#open = undefined;
    this.#error = undefined;
  }

  /** Never throws: what goes wrong is thrown by the next `saveSome`. */
  find(hash: number): OwnerEntry | undefined {
    if (this.#open === undefined) return undefined;
    try {
      const row = this.#open.table.read(hash);
      return row && { hash, owner: this.#numberOf(this.#open, row.owner), untilS: row.untilS };
    } catch (error) {
      this.#error = error;
      return undefined;
    }
  }

  /**
   * Writes some of what is new.
   *
   * @returns whether there is more
   * @throws what SQLite throws, also for a `find` before
   */
  saveSome(): boolean {
    if (this.#error !== undefined) throw this.#error;
    const file = this.#open;
    if (file === undefined) return false;
    const entries = this.#book.unwritten(ROWS_AT_ONCE);
    if (entries.length === 0) return false;
    this.#learnTags(file);
    file.table.write(entries.map((entry) => rowOf(file, entry)));
    this.#book.noteWritten(entries);
    return entries.length === ROWS_AT_ONCE;
  }

  /** Removes some of what has expired. */
  pruneSome(now: number): void {
    if (this.#open === undefined || now < this.#pruneAtMs) return;
    this.#prunedUpTo = this.#open.table.prune(this.#prunedUpTo, Math.floor(now / 1000));
    if (this.#prunedUpTo < 0) this.#pruneAtMs = now + PRUNE_EVERY_MS;
  }

  #numberOf(file: OpenFile, tag: number): number {
    this.#learnTags(file);
    return file.numbers.get(tag) ?? NOBODY;
  }

  #learnTags({ tags, numbers, idOf }: OpenFile): void {
    for (const identity of this.#book.identities.slice(tags.length)) {
      const tag = Number.parseInt(idOf(identity).slice(0, TAG_DIGITS), 16);
      numbers.set(tag, tags.push(tag) - 1);
    }
  }
}

function rowOf({ tags }: OpenFile, { hash, owner, untilS }: OwnerEntry): OwnerRow {
  return { id: hash, owner: tags[owner] ?? NOBODY, untilS };
}
