import type { ProviderName } from "../config/config.ts";
import { knownProvider } from "./new-key.ts";

/** Names of variables for keys: `OPENAI_API_KEY`, `OPENAI_API_KEY_2`; never one that is taken. */
export class VariableNames {
  readonly #taken: Set<string>;

  /** @param taken  names that mean something already */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  forKey(provider: ProviderName): string {
    return this.#next(`${knownProvider(provider)?.prefix ?? provider.toUpperCase()}_API_KEY`);
  }

  /** @param client  as it is called; its letters and digits are what remains */
  forClient(client: string): string {
    const suffix = client
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, "_")
      .replaceAll(/^_+|_+$/g, "");
    return this.#next(suffix === "" ? "KEYCYCLE_TOKEN" : `KEYCYCLE_TOKEN_${suffix}`);
  }

  #next(base: string): string {
    let name = base;
    for (let number = 2; this.#taken.has(name); number++) name = `${base}_${number}`;
    this.#taken.add(name);
    return name;
  }
}
