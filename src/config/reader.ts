import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Alias,
  type Node,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Problem, Span } from "./diagnostic.ts";
import { interpolate, type Env } from "./interpolate.ts";
import type { Written } from "./scalars.ts";
import { isReference, isShowable } from "./secrecy.ts";
import { slipInLines } from "./slips.ts";
import type { Source } from "./source.ts";
import type { Syntax } from "./syntax.ts";

/** One `name: value` of a map. */
export interface Entry {
  readonly name: string;
  readonly nameNode: Node;
  readonly value: Node | undefined;
}

/** Where an object or a list that was read stands in the file; the fields of a list are its positions. */
export interface Origin {
  readonly path: string;
  readonly span: Span;
  readonly fields: ReadonlyMap<string, Span>;
}

/** More than an honest file with aliases needs, and read in a few seconds at most: aliases of aliases multiply. */
const MAX_VISITED_NODES = 2_000_000;
const MAX_MERGE_DEPTH = 16;

/**
 * What the reading of one file gathers: the problems, which parts may be shown, and where each object
 * came from, so that what is found out about it later can be told with its place.
 */
export class Reader {
  readonly problems: Problem[] = [];
  readonly origins = new Map<object, Origin>();
  /** A secret stands in the file itself rather than in the environment. */
  literalSecrets = false;
  /** The file is more than can be read; what else was found is of no meaning then. */
  overflow: Problem | undefined;
  #visited = 0;
  readonly #shown = new Set<Node>();
  readonly #marked = new Set<Node>();
  readonly #secret = new Set<Node>();
  readonly #hidden = new Set<number>();
  /** What is being read because an alias stands for it. */
  readonly #viaAlias = new Map<Node, Alias>();
  readonly #source: Source;
  readonly #syntax: Syntax;
  readonly #env: Env;

  constructor(source: Source, syntax: Syntax, env: Env) {
    this.#source = source;
    this.#syntax = syntax;
    this.#env = env;
  }

  report(span: Span, message: string, instead?: string): void {
    this.problems.push(instead === undefined ? { span, message } : { span, message, instead });
  }

  /** Where to point at for a node: at the alias that stands for it where it was used, if one does. */
  span(node: Node | undefined): Span {
    return this.usedAt(node) ?? rangeOf(node);
  }

  /** Where the alias stands that is being read, if a node is read because of one. */
  usedAt(node: Node | undefined): Span | undefined {
    const alias = node && this.#viaAlias.get(node);
    return alias && rangeOf(alias);
  }

  sourceOf(node: Node): string {
    const { start, end } = rangeOf(node);
    return this.#source.text.slice(start, end);
  }

  /** A slip that made of a node what it is; undefined where there is none. */
  slipIn(node: Node | undefined): Problem | undefined {
    const { start, end } = rangeOf(node);
    return slipInLines(this.#source.text, this.#source.lineRange(start).start, end);
  }

  /** How messages name a field of what was read, and where it stands. */
  place(entry: object, field: string): { readonly path: string; readonly span: Span } {
    const origin = this.origins.get(entry);
    if (origin === undefined) throw new Error("an entry that was not read from the file");
    return { path: `${origin.path}.${field}`, span: origin.fields.get(field) ?? origin.span };
  }

  /** Lets a value be shown where nothing speaks against it, such as an alias that makes it a secret too. */
  mark(node: Node, secret: boolean): void {
    this.#marked.add(node);
    if (secret) this.#secret.add(node);
  }

  /** Lets a name be shown. */
  show(node: Node): void {
    this.#shown.add(node);
  }

  /** Keeps a value from being shown that turned out to be a secret. */
  hide({ start }: Span): void {
    this.#hidden.add(start);
  }

  /** Whether messages may show a value or a name; all others are masked. Looked at only where there is one. */
  mayShow(node: Node): boolean {
    if (!this.#marked.has(node)) return this.#shown.has(node);
    const places = [this.span(node), rangeOf(node)];
    if (places.some(({ start }) => this.#hidden.has(start))) return false;
    const text = this.sourceOf(node);
    return isReference(text) || (!this.#secret.has(node) && isShowable(text));
  }

  /** Follows an alias; undefined where there is nothing, or past the limit. To be called once a node. */
  resolve(node: Node | undefined): Node | undefined {
    const target = isAlias(node) ? this.#syntax.aliases.get(node) : node;
    if (this.#syntax.aliases.size === 0) return target;
    if (target !== undefined) {
      if (isAlias(node)) {
        this.#viaAlias.set(target, node);
        if (isShowable(node.source)) this.show(node);
      } else this.#viaAlias.delete(target);
    }
    this.#visited++;
    if (this.#visited <= MAX_VISITED_NODES) return target;
    if (this.#visited === MAX_VISITED_NODES + 1) {
      this.overflow = {
        span: this.span(node),
        message: "the aliases multiply to more than a config can hold",
        instead: "fewer aliases within what others stand for",
      };
    }
    return undefined;
  }

  /** The fields of a map; those that `<<` merges in come first, so that the map's own win. */
  entries(map: YAMLMap, path: string, depth = 0): Entry[] {
    const own: Entry[] = [];
    const merged: Entry[] = [];
    let merges = 0;
    for (const pair of map.items) {
      const key = isNode(pair.key) ? this.resolve(pair.key) : undefined;
      const value = isNode(pair.value) ? pair.value : undefined;
      if (isScalar(key) && key.source === "<<" && typeof key.value === "symbol") {
        this.show(key);
        if (++merges === 2)
          this.report(
            this.span(key),
            "<< stands here for the second time",
            "one for all: <<: [*first, *second]",
          );
        merged.unshift(...this.#mergedEntries(value, path, depth));
      } else if (isScalar(key) && key.value !== null) {
        own.push({ name: key.source ?? String(key.value), nameNode: key, value });
      } else {
        this.report(
          this.span(key ?? map),
          `the name of a setting in ${path || "the file"} must be plain text`,
          "name: value",
        );
      }
    }
    if (merged.length === 0) return own;
    const names = new Set(own.map((entry) => entry.name));
    return [...merged.filter((entry) => !names.has(entry.name)), ...own];
  }

  #mergedEntries(value: Node | undefined, path: string, depth: number): Entry[] {
    const target = this.resolve(value);
    if (depth < MAX_MERGE_DEPTH && isMap(target)) return this.entries(target, path, depth + 1);
    if (depth < MAX_MERGE_DEPTH && isSeq(target)) {
      // YAML's merge type: of several maps the earlier ones win.
      const nodes = target.items.filter((item) => isNode(item)).toReversed();
      return nodes.flatMap((item) => this.#mergedEntries(item, path, depth + 1));
    }
    this.report(
      this.span(value),
      `<< in ${path || "the file"} must be followed by an alias of a map`,
      "<<: *name, of a map that stands before it as &name",
    );
    return [];
  }

  /** The value of a scalar with its variables filled in; undefined where that failed and is reported. */
  written(scalar: Scalar, path: string): Written | undefined {
    const { value } = scalar;
    if (typeof value === "number" || typeof value === "boolean") return { value, filledIn: false };
    const text = String(value);
    if (!text.includes("${")) return { value: text, filledIn: false };
    const filled = interpolate(text, this.#env);
    if (filled.ok) return { value: filled.text, filledIn: filled.variables.length > 0 };
    const inSource = this.sourceOf(scalar).indexOf(`\${${filled.variable}`);
    const start = rangeOf(scalar).start + Math.max(0, inSource);
    const length = filled.variable === "" ? 2 : filled.variable.length + 3;
    const span = { start, end: start + length };
    if (filled.variable === "") this.report(span, `${path}: this ${filled.problem}`);
    else {
      const message = `${path}: ${filled.variable} ${filled.problem}`;
      const instead = `set ${filled.variable}, or give a default: \${${filled.variable}:-…}`;
      this.problems.push({ span, message, instead, unset: filled.variable });
    }
    return undefined;
  }
}

function rangeOf(node: Node | undefined): Span {
  const [start = 0, end = start] = node?.range ?? [];
  return { start, end };
}
