import type { Config } from "../config/config.ts";
import { maskOf } from "../config/secrecy.ts";

/** What is shorter is a word such as `none`, which servers without keys are given. */
const MIN_LENGTH = 16;

/** By their first characters nearly all places of a text are told not to be the beginning of a secret. */
const BEGINNING = 6;

/**
 * The keys and tokens of a configuration. Clients put one into a path, a model or an id at times, and what
 * they send is logged.
 */
export class KnownSecrets {
  readonly #secrets: ReadonlySet<string>;
  readonly #beginnings: ReadonlySet<string>;
  /** That there are, the longest first. */
  readonly #lengths: readonly number[];
  readonly #shortest: number;

  constructor({ keys, clients, admin }: Pick<Config, "keys" | "clients" | "admin">) {
    const all = [
      ...keys.map(({ secret }) => secret),
      ...clients.map(({ token }) => token),
      admin.token ?? "",
    ].filter(({ length }) => length >= MIN_LENGTH);
    this.#secrets = new Set(all);
    this.#beginnings = new Set(all.map((secret) => secret.slice(0, BEGINNING)));
    this.#lengths = [...new Set(all.map(({ length }) => length))].toSorted((a, b) => b - a);
    this.#shortest = this.#lengths.at(-1) ?? Infinity;
  }

  /** A text of a client as it may be told. Usual ones are shorter than any key, and cost one comparison. */
  hide(text: string): string {
    if (text.length < this.#shortest) return text;
    const plain = decoded(text);
    const hidden = this.#hideIn(plain);
    return hidden === plain ? text : hidden;
  }

  isIn(text: string): boolean {
    return this.hide(text) !== text;
  }

  /** Wherever one stands, whatever touches it. */
  #hideIn(text: string): string {
    let hidden = "";
    let from = 0;
    for (let at = 0; at + this.#shortest <= text.length; at += 1) {
      if (!this.#beginnings.has(text.slice(at, at + BEGINNING))) continue;
      const length = this.#lengths.find((each) => this.#secrets.has(text.slice(at, at + each)));
      if (length === undefined) continue;
      hidden += text.slice(from, at) + maskOf(text.slice(at, at + length));
      from = at + length;
      at = from - 1;
    }
    return hidden + text.slice(from);
  }
}

function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
