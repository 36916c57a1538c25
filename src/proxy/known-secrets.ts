import type { Config } from "../config/config.ts";
import { maskOf } from "../config/secrecy.ts";

/** What is shorter is a word such as `none`, which servers without keys are given. */
const MIN_LENGTH = 16;

/**
 * The keys and tokens of a configuration. Clients put one into a path, a model or an id at times, and what
 * they send is logged.
 */
export class KnownSecrets {
  readonly #secrets: ReadonlySet<string>;
  readonly #shortest: number;

  constructor({ keys, clients, admin }: Pick<Config, "keys" | "clients" | "admin">) {
    const all = [
      ...keys.map(({ secret }) => secret),
      ...clients.map(({ token }) => token),
      admin.token ?? "",
    ];
    this.#secrets = new Set(all.filter(({ length }) => length >= MIN_LENGTH));
    this.#shortest = all.reduce(
      (least, { length }) => (length < MIN_LENGTH ? least : Math.min(least, length)),
      Infinity,
    );
  }

  /** A text of a client as it may be told. Usual ones are shorter than any key, and cost one comparison. */
  hide(text: string): string {
    return text.length < this.#shortest ? text : this.#hideParts(text);
  }

  isIn(text: string): boolean {
    return this.hide(text) !== text;
  }

  #hideParts(text: string): string {
    if (this.#secrets.has(text)) return maskOf(text);
    return text.replaceAll(/[^/:;,&?\s]+/g, (part) => {
      const plain = decoded(part);
      if (this.#secrets.has(plain)) return maskOf(plain);
      const value = plain.slice(plain.indexOf("=") + 1);
      return this.#secrets.has(value) ? maskOf(value) : part;
    });
  }
}

function decoded(part: string): string {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
