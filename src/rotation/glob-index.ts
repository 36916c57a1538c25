import { compileGlob } from "./models.ts";

/** A pattern, and the places that it was put at. */
interface Placed {
  readonly fits: RegExp;
  /** Every name has it that fits: cheaper to look for than to try the pattern. */
  readonly part: string;
  readonly places: number[];
}

/**
 * Globs that are found by a name that fits them without trying each: by the text before their first wildcard
 * or behind their last, whichever is longer, or where both are empty by their longest part.
 */
export class GlobIndex {
  readonly #known = new Map<string, Placed>();
  readonly #byBeginning = new ByPart((name, length) => [name.slice(0, length)]);
  readonly #byEnd = new ByPart((name, length) => [name.slice(name.length - length)]);
  readonly #byMiddle = new ByPart(piecesOf);

  add(pattern: string, place: number): void {
    const known = this.#known.get(pattern);
    if (known !== undefined) {
      known.places.push(place);
      return;
    }
    const placed: Placed = { fits: compileGlob(pattern), part: longestPart(pattern), places: [place] };
    this.#known.set(pattern, placed);
    const beginning = /^[^*?]*/.exec(pattern)?.[0] ?? "";
    const end = /[^*?]*$/.exec(pattern)?.[0] ?? "";
    if (beginning === "" && end === "") this.#byMiddle.add(placed.part, placed);
    else if (beginning.length >= end.length) this.#byBeginning.add(beginning, placed);
    else this.#byEnd.add(end, placed);
  }

  /** The places of all patterns that fit a name, in their order; a place more than once where several do. */
  placesOf(name: string): readonly number[] {
    const hits: (readonly number[])[] = [];
    for (const index of [this.#byBeginning, this.#byEnd, this.#byMiddle]) {
      for (const alike of index.candidates(name)) {
        for (const { fits, part, places } of alike)
          if (name.includes(part) && fits.test(name)) hits.push(places);
      }
    }
    const [first = [], second] = hits;
    return second === undefined ? first : hits.flat().toSorted((a, b) => a - b);
  }
}

function longestPart(pattern: string): string {
  return pattern.split(/[*?]/).reduce((longest, part) => (part.length > longest.length ? part : longest), "");
}

/** All pieces of a length that a name holds, each once. */
function piecesOf(name: string, length: number): Iterable<string> {
  const pieces = new Set<string>();
  for (let at = 0; at + length <= name.length; at++) pieces.add(name.slice(at, at + length));
  return pieces;
}

/** Patterns by a part of theirs that every name has which fits them. */
class ByPart {
  readonly #byPart = new Map<string, Placed[]>();
  readonly #lengths = new Set<number>();
  readonly #partsOf: (name: string, length: number) => Iterable<string>;

  constructor(partsOf: (name: string, length: number) => Iterable<string>) {
    this.#partsOf = partsOf;
  }

  add(part: string, placed: Placed): void {
    this.#lengths.add(part.length);
    const alike = this.#byPart.get(part);
    if (alike === undefined) this.#byPart.set(part, [placed]);
    else alike.push(placed);
  }

  /** Those that a name may fit. */
  candidates(name: string): readonly (readonly Placed[])[] {
    const found: Placed[][] = [];
    for (const length of this.#lengths) {
      if (length > name.length) continue;
      for (const part of this.#partsOf(name, length)) {
        const alike = this.#byPart.get(part);
        if (alike !== undefined) found.push(alike);
      }
    }
    return found;
  }
}
