import { Pair, Scalar, Schema, YAMLMap, YAMLSeq, type Node } from "yaml";

/** Deeper than any config, so that what is nested without end costs no more than the library's answer. */
const MAX_DEPTH = 16;

/** Single values, and maps and lists in brackets, as far as they are written plainly: see `readPlainly`. */
export class PlainFlow {
  /** Behind what was read last. */
  end = 0;
  readonly #text: string;
  #blank = / */y;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** JSON: one map in braces is all that the text holds, and may take many lines. */
  whole(): Node | undefined {
    this.#blank = /[ \t\r\n]*/y;
    this.#skip(this.#blank, 0);
    const map = this.value(this.end, FLOW_WORDS);
    this.#skip(this.#blank);
    return this.end === this.#text.length ? map : undefined;
  }

  /** @param words  a text without quotes, as far as it reaches here */
  value(at: number, words: RegExp): Node | undefined {
    const sign = this.#text[at];
    if (sign === "[" || sign === "{") {
      this.end = at + 1;
      if (++this.#depth > MAX_DEPTH) return undefined;
      const collection = sign === "[" ? this.#list(at) : this.#map(at);
      this.#depth--;
      return collection;
    }
    const quoted = sign === '"' || sign === "'";
    const [written] = this.#match(quoted ? QUOTED : words, at) ?? [];
    if (written === undefined) return undefined;
    if (quoted) return this.#scalar(written.slice(1, -1), written, at);
    const value = meaningOf(written);
    return value === undefined ? undefined : this.#scalar(value, written, at);
  }

  /** @param pattern  its first group without quotes, its second within them; what follows is left out of the scalar */
  name(at: number, pattern: RegExp): Scalar<string> | undefined {
    const match = this.#match(pattern, at);
    if (match === null) return undefined;
    const [whole, bare, quoted = ""] = match;
    const isText = bare === undefined || typeof meaningOf(bare) === "string";
    const written = bare ?? `"${quoted}"`;
    const name = isText ? this.#scalar(bare ?? quoted, written, at) : undefined;
    this.end = at + whole.length;
    return name;
  }

  #scalar<Value>(value: Value, written: string, at: number): Scalar<Value> {
    const scalar = new Scalar(value);
    this.end = at + written.length;
    scalar.source = typeof value === "string" ? value : written;
    scalar.range = [at, this.end, this.end];
    return scalar;
  }

  #list(start: number): YAMLSeq | undefined {
    const list = new YAMLSeq<Node>();
    list.flow = true;
    while (!this.#closes("]")) {
      const item = this.value(this.end, FLOW_WORDS);
      if (item === undefined || !this.#comesToNext("]")) return undefined;
      list.items.push(item);
    }
    list.range = [start, this.end, this.end];
    return list;
  }

  #map(start: number): YAMLMap | undefined {
    const map = new YAMLMap<Scalar, Node>();
    map.flow = true;
    const names = new Set<string>();
    while (!this.#closes("}")) {
      const name = this.name(this.end, FLOW_NAME);
      if (name === undefined || names.has(name.value)) return undefined;
      names.add(name.value);
      this.#skip(this.#blank);
      const value = this.value(this.end, FLOW_WORDS);
      if (value === undefined || !this.#comesToNext("}")) return undefined;
      map.items.push(new Pair(name, value));
    }
    map.range = [start, this.end, this.end];
    return map;
  }

  /** Whether a bracket closes here, which is gone past then. */
  #closes(bracket: string): boolean {
    this.#skip(this.#blank);
    if (this.#text[this.end] !== bracket) return false;
    this.end++;
    return true;
  }

  /** Whether a comma follows, which is gone past, or the end of the collection, which is not. */
  #comesToNext(bracket: string): boolean {
    this.#skip(this.#blank);
    const sign = this.#text[this.end];
    if (sign === ",") this.end++;
    return sign === "," || sign === bracket;
  }

  #skip(pattern: RegExp, at = this.end): void {
    this.end = at + (this.#match(pattern, at)?.[0].length ?? 0);
  }

  #match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.#text);
  }
}

const QUOTED = /"[^"\\\n]*"|'[^'\n]*'(?!')/y;

/** A text without quotes that ends before a comma or bracket. */
const FLOW_WORDS = /[\w$./\u00A1-\uFFFD](?: *(?:[^\s:#,[\]{}"']|:(?=[^\s,[\]{}])))*/y;

/** The name of a setting with its colon. */
const FLOW_NAME = /(?:([A-Za-z][\w./@-]{0,200}):(?=[ \r\n])|"([^"\\\n]{0,200})":)/y;

/** What YAML takes for something else than text. */
const NOT_TEXT = new Schema({ schema: "core" }).tags.flatMap(({ test }) => test ?? []);

/** What words without quotes mean; undefined where that is something out of the way. */
function meaningOf(words: string): string | number | boolean | undefined {
  if (/^(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(words)) return Number(words);
  if (words === "true" || words === "false") return words === "true";
  // What begins with one of these is never anything else, and nearly all does.
  if (/^[a-eg-mo-su-zA-EG-MO-SU-Z]/.test(words)) return words;
  return NOT_TEXT.some((test) => test.test(words)) ? undefined : words;
}
