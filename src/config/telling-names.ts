import { isKeyShaped } from "./recognise.ts";

/** What servers without keys are given (`none`, `lm-studio`) is no secret, and their name at times. */
function isWord(secret: string): boolean {
  return secret.length < 8 || (secret.length < 16 && !/\d/.test(secret));
}

/**
 * Finds names that give a secret away: they stand in the log, in metrics, in headers and in tables.
 *
 * @param secrets  of the whole configuration, keys or tokens
 */
export class TellingNames {
  readonly #secrets: ReadonlySet<string>;

  constructor(secrets: Iterable<string>) {
    this.#secrets = new Set([...secrets].filter((secret) => !isWord(secret)));
  }

  /** @param own  the secrets of what has the name */
  tells(name: string, own: readonly string[]): boolean {
    if (isKeyShaped(name) || this.#secrets.has(name)) return true;
    return own.some((secret) => !isWord(secret) && name.includes(secret));
  }
}
