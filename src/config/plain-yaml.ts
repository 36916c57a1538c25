import { Pair, YAMLMap, YAMLSeq, type Node, type Scalar } from "yaml";
import { PlainFlow } from "./plain-flow.ts";

/**
 * Reads a file that is written plainly, as most are: maps and lists, each value on the line of its name. The
 * library, which keeps every blank and comment and knows all of YAML, takes half of the time that a command
 * has for a thousand keys. Whatever is not surely the same for both is left to it: anchors, tags, texts over
 * several lines, a name that stands twice, all that is wrong.
 *
 * @returns what the library makes of the text, with the places of all names and values; undefined where the
 *   library has to be asked
 */
export function readPlainly(text: string): Node | undefined {
  if (NOT_PLAIN.test(text)) return undefined;
  const flow = new PlainFlow(text);
  if (/^\s*\{/.test(text)) return flow.whole();
  return text.includes("\t") ? undefined : new PlainBlocks(text, flow).whole();
}

/** Line breaks of other kinds, and what is not seen; tabs have a place in JSON only. */
const NOT_PLAIN = /(?![\t\r\n])\p{Cc}|\r(?!\n)|[\u2028\u2029\uFEFF]/u;

/** What stands in lines that are indented. */
class PlainBlocks {
  readonly #text: string;
  readonly #flow: PlainFlow;
  #at = 0;
  /** In which column of its line that is, from 0; -1 at the end of the text. */
  #column = 0;

  constructor(text: string, flow: PlainFlow) {
    this.#text = text;
    this.#flow = flow;
  }

  whole(): Node | undefined {
    this.#nextLine(this.#match(DOCUMENT)?.[0].length ?? 0);
    return this.#column === 0 ? this.#map(0) : undefined;
  }

  /** A map whose names begin in a column, from the first of them on. */
  #map(column: number): YAMLMap | undefined {
    const start = this.#at;
    const map = new YAMLMap<Scalar, Node>();
    const names = new Set<string>();
    do {
      const name = this.#flow.name(this.#at, NAME);
      if (name === undefined || names.has(name.value)) return undefined;
      names.add(name.value);
      this.#at = this.#flow.end;
      const value = this.#endsLine() ? this.#below(column) : this.#behind(/ +/y);
      if (value === undefined) return undefined;
      map.items.push(new Pair(name, value));
    } while (this.#column === column);
    map.range = [start, this.#at, this.#at];
    return this.#column < column ? map : undefined;
  }

  /** What a name stands for whose line holds nothing else. */
  #below(column: number): Node | undefined {
    const isList = this.#text[this.#at] === "-";
    if (this.#column < column || (this.#column === column && !isList)) return undefined;
    return isList ? this.#list(this.#column, column) : this.#map(this.#column);
  }

  /** @param holder  the column of the map that holds the list, which may be the same */
  #list(column: number, holder: number): YAMLSeq | undefined {
    const start = this.#at;
    const list = new YAMLSeq<Node>();
    do {
      const item = this.#item(column);
      if (item === undefined) return undefined;
      list.items.push(item);
    } while (this.#column === column && this.#text[this.#at] === "-");
    list.range = [start, this.#at, this.#at];
    return this.#column < column || this.#column === holder ? list : undefined;
  }

  #item(column: number): Node | undefined {
    const [dash] = this.#match(/- +/y) ?? [];
    if (dash === undefined) return undefined;
    const start = this.#at + dash.length;
    NAME.lastIndex = start;
    if (!NAME.test(this.#text)) return this.#behind(/- +/y);
    this.#at = start;
    return this.#map(column + dash.length);
  }

  /** The value that follows on the same line, up to the next that holds anything. */
  #behind(before: RegExp): Node | undefined {
    const [blank] = this.#match(before) ?? [];
    if (blank === undefined) return undefined;
    const value = this.#flow.value(this.#at + blank.length, BLOCK_WORDS);
    this.#at = this.#flow.end;
    return value !== undefined && this.#endsLine() ? value : undefined;
  }

  /** Whether nothing but a comment is left of the line; goes on to the next one then. */
  #endsLine(): boolean {
    const [rest] = this.#match(/(?: *| +#[^\n]*)(?:\r?\n|$)/y) ?? [];
    if (rest === undefined) return false;
    this.#nextLine(this.#at + rest.length);
    return true;
  }

  /** Goes to the first line, from a beginning of one on, that is neither empty nor a comment. */
  #nextLine(from: number): void {
    this.#at = from;
    const [ahead = ""] = this.#match(/(?: *(?:#[^\n]*|\r)?\n)* */y) ?? [];
    const start = from + ahead.lastIndexOf("\n") + 1;
    this.#at = from + ahead.length;
    const isOver = this.#at === this.#text.length || this.#match(/#[^\n]*$/y) !== null;
    this.#column = isOver ? -1 : this.#at - start;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text);
  }
}

/** The mark of its beginning that some write. */
const DOCUMENT = /(?: *(?:#[^\n]*|\r)?\n)*--- *\r?\n/y;

/** The name of a setting with its colon. */
const NAME = /(?:([A-Za-z][\w./@-]{0,200})|"([^"\\\n]{0,200})"):(?=[ \r\n])/y;

/** A text without quotes that ends with its line, or at a comment. */
const BLOCK_WORDS = /[\w$./\u00A1-\uFFFD](?: *(?:[^\s:#]|:(?=\S)|(?<!\s)#))*/y;
