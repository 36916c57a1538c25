import type { ProviderName } from "./config.ts";

/** Names for keys that were given none: `openai-1`, `openai-2`, `gemini-1`; never one that is taken. */
export class DefaultNames {
  readonly #taken: ReadonlySet<string>;
  readonly #counts = new Map<string, number>();

  /** @param taken  the names that the config gives */
  constructor(taken: ReadonlySet<string>) {
    this.#taken = taken;
  }

  /** Counts a key that has a name, so that the number of the next one says its position. */
  skip(provider: ProviderName): void {
    this.#counts.set(provider, (this.#counts.get(provider) ?? 0) + 1);
  }

  /** @param prefix  a provider, or `client` */
  next(prefix: ProviderName | "client"): string {
    let count = this.#counts.get(prefix) ?? 0;
    do count++;
    while (this.#taken.has(`${prefix}-${count}`));
    this.#counts.set(prefix, count);
    return `${prefix}-${count}`;
  }
}

/** The names that an entry's own name makes: itself for one secret, numbered for several. */
export function givenNames(name: string | undefined, secrets: number): string[] {
  if (name === undefined) return [];
  if (secrets <= 1) return [name];
  return Array.from({ length: secrets }, (_, index) => `${name}-${index + 1}`);
}

/** An entry of `apiKeys` as far as the names of its keys depend on it. */
export interface Nameable {
  readonly name: string | undefined;
  readonly provider: ProviderName;
  /** How many keys it holds. */
  readonly secrets: number;
}

/** What the keys of each entry are called. */
export function nameKeys(entries: readonly Nameable[]): string[][] {
  const given = entries.map(({ name, secrets }) => givenNames(name, secrets));
  const defaults = new DefaultNames(new Set(given.flat()));
  return entries.map(({ provider, secrets }, at) =>
    Array.from({ length: secrets }, (_, index) => {
      const name = given[at]?.[index];
      if (name !== undefined) defaults.skip(provider);
      return name ?? defaults.next(provider);
    }),
  );
}
