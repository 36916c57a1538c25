import { hashOfId } from "./hash-of-id.ts";

/** What is known of an id: the number of its owner in this process, and until when, epoch seconds; 0: forgotten. */
export interface OwnerEntry {
  readonly hash: number;
  readonly owner: number;
  readonly untilS: number;
}

/** Where a book finds what it does not hold in memory. */
export interface OwnerShelf {
  find(hash: number): OwnerEntry | undefined;
}

/** Of somebody who is not known to this process, as a key that is in its configuration no more. */
export const NOBODY = 0;

/** In memory at most, in each of two generations; what was used last stays. An entry takes some fifty bytes. */
const HELD_BESIDE_SHELF = 64_000;
const HELD_WITHOUT_SHELF = 500_000;

/** Not on the shelf yet, at most, as when its file cannot be written for long. */
const MAX_UNWRITTEN = 500_000;

/** Of the time that an id has left, the part that a new instant must add to be worth writing. */
const WORTH_WRITING = 1 / 8;

const TWO_32 = 2 ** 32;

/**
 * Remembers which owner each id belongs to. Owners are known by their identities, which hold secrets;
 * here they have numbers, and an entry is one number: nothing that a garbage collector has to look at.
 */
export class OwnerBook {
  readonly #identities: string[] = [""];
  readonly #numbers = new Map<string, number>();
  #young = new Map<number, number>();
  #old = new Map<number, number>();
  readonly #unwritten = new Map<number, number>();
  #shelf: OwnerShelf | undefined = undefined;

  /** From now on what memory does not hold is looked for there, and all that is new is `unwritten` first. */
  keepOn(shelf: OwnerShelf): void {
    this.#shelf = shelf;
  }

  /** The owners that ever were, in the order of their numbers, `NOBODY` first. */
  get identities(): readonly string[] {
    return this.#identities;
  }

  numberOf(identity: string): number {
    let number = this.#numbers.get(identity);
    if (number === undefined) {
      number = this.#identities.push(identity) - 1;
      this.#numbers.set(identity, number);
    }
    return number;
  }

  /**
   * The number of the owner of an id.
   *
   * @param now  epoch milliseconds
   * @returns undefined where nothing is known of the id
   */
  ownerOf(id: string, now: number): number | undefined {
    const packed = this.#find(hashOfId(id));
    return packed === undefined || untilOf(packed) * 1000 <= now ? undefined : ownerIn(packed);
  }

  /**
   * @param owner    its number
   * @param untilMs  until when this is worth knowing, epoch milliseconds
   */
  remember(id: string, owner: number, untilMs: number, now: number): void {
    const hash = hashOfId(id);
    const known = this.#find(hash);
    const worthMs = (untilMs - now) * WORTH_WRITING;
    if (known !== undefined && ownerIn(known) === owner && untilOf(known) * 1000 >= untilMs - worthMs) return;
    this.#put(hash, owner * TWO_32 + Math.ceil(untilMs / 1000));
  }

  forget(id: string): void {
    const hash = hashOfId(id);
    if ((this.#find(hash) ?? 0) !== 0) this.#put(hash, 0);
  }

  /** The first of what is to be written, at most so many. */
  unwritten(limit: number): OwnerEntry[] {
    const entries: OwnerEntry[] = [];
    for (const [hash, packed] of this.#unwritten) {
      if (entries.length === limit) break;
      entries.push({ hash, owner: ownerIn(packed), untilS: untilOf(packed) });
    }
    return entries;
  }

  /** These are on the shelf, unless they have changed since. */
  noteWritten(entries: readonly OwnerEntry[]): void {
    for (const { hash, owner, untilS } of entries) {
      if (this.#unwritten.get(hash) === owner * TWO_32 + untilS) this.#unwritten.delete(hash);
    }
  }

  #find(hash: number): number | undefined {
    const young = this.#young.get(hash);
    if (young !== undefined) return young;
    const older = this.#old.get(hash) ?? this.#unwritten.get(hash);
    if (older !== undefined) {
      this.#hold(hash, older);
      return older;
    }
    const kept = this.#shelf?.find(hash);
    if (kept === undefined) return undefined;
    const packed = kept.owner * TWO_32 + kept.untilS;
    // Whoever is nobody now may be back after the next change of the configuration.
    if (kept.owner !== NOBODY) this.#hold(hash, packed);
    return packed;
  }

  #put(hash: number, packed: number): void {
    this.#hold(hash, packed);
    if (this.#shelf === undefined) return;
    this.#unwritten.set(hash, packed);
    if (this.#unwritten.size <= MAX_UNWRITTEN) return;
    for (const oldest of this.#unwritten.keys()) {
      this.#unwritten.delete(oldest);
      return;
    }
  }

  #hold(hash: number, packed: number): void {
    this.#young.set(hash, packed);
    if (this.#young.size < (this.#shelf === undefined ? HELD_WITHOUT_SHELF : HELD_BESIDE_SHELF)) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}

function ownerIn(packed: number): number {
  return Math.floor(packed / TWO_32);
}

function untilOf(packed: number): number {
  return packed % TWO_32;
}
