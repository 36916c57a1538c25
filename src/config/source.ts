/** A place in a file as editors count it: both from 1, the column in characters that a person sees. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The text of a config file with the means to tell where in it an offset is. */
export class Source {
  /** As messages name it. */
  readonly path: string;
  /** Without a byte order mark; offsets count in it. */
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    this.#lineStarts = [0, ...Array.from(text.matchAll(/\n/g), (match) => match.index + 1)];
  }

  position(offset: number): Position {
    const line = this.#lineIndex(offset);
    const before = this.text.slice(this.#lineStarts[line], offset);
    return { line: line + 1, column: countCharacters(before) + 1 };
  }

  /** The offsets between which the line of an offset lies, its line break left out. */
  lineRange(offset: number): { readonly start: number; readonly end: number } {
    const line = this.#lineIndex(offset);
    const start = this.#lineStarts[line] ?? 0;
    const next = this.#lineStarts[line + 1] ?? this.text.length + 1;
    const end = next - 1;
    return { start, end: end > start && this.text[end - 1] === "\r" ? end - 1 : end };
  }

  #lineIndex(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Made where it is needed only: that takes milliseconds. */
let graphemes: Intl.Segmenter | undefined;

function countCharacters(text: string): number {
  if (/^[\t -~]*$/.test(text)) return text.length;
  graphemes ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  let count = 0;
  for (const _ of graphemes.segment(text)) count++;
  return count;
}
