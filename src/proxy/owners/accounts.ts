import type { KeyConfig } from "../../config/config.ts";
import type { OwnerBook } from "../../state/owner-book.ts";

/** What is looked at of a key. */
interface AccountKey {
  readonly name: string;
  /** See `accountIdentity`. */
  readonly account: string;
}

/** Keys of one account at a provider: what one of them made, all of them can use. */
export interface Account<Key> {
  /** By which the book knows it. */
  readonly number: number;
  readonly keys: readonly Key[];
}

/** Of a key's own headers, those that choose among the accounts that its secret opens. */
const ACCOUNT_HEADERS = [
  "openai-organization",
  "openai-project",
  "anthropic-workspace-id",
  "x-goog-user-project",
];

/**
 * What an account is the same by, from one start to the next; it holds a secret. Where nobody said, each
 * key is an account, but for Azure: both keys of a resource are for all that is in it.
 *
 * @param keyIdentity  what the key is the same by
 */
export function accountIdentity(key: KeyConfig, keyIdentity: string): string {
  if (key.account !== undefined) return `account ${key.provider} ${key.account}`;
  if (key.provider === "azure") return `azure ${new URL(key.url).origin}`;
  const chosen = ACCOUNT_HEADERS.flatMap((name) => key.headers[name] ?? []);
  return ["key", keyIdentity, ...chosen].join(" ");
}

/** The accounts of a configuration. */
export class Accounts<Key extends AccountKey> {
  readonly #byNumber = new Map<number, Account<Key>>();
  readonly #byKey = new Map<Key, Account<Key>>();

  constructor(keys: readonly Key[], book: OwnerBook) {
    for (const [identity, of] of Map.groupBy(keys, ({ account }) => account)) {
      const account: Account<Key> = { number: book.numberOf(identity), keys: of };
      this.#byNumber.set(account.number, account);
      for (const key of of) this.#byKey.set(key, account);
    }
  }

  /** Undefined where none of its keys is configured any more. */
  byNumber(number: number): Account<Key> | undefined {
    return this.#byNumber.get(number);
  }

  /** Those of some keys, in the order of these, each once. */
  of(keys: readonly Key[]): Account<Key>[] {
    return [...new Set(keys.flatMap((key) => this.#byKey.get(key) ?? []))];
  }
}

/** For messages: the names of its keys. */
export function nameOf({ keys }: Account<AccountKey>): string {
  const names = keys.slice(0, 3).map(({ name }) => name);
  return names.join(" and ") + (keys.length > names.length ? " and more" : "");
}
