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
