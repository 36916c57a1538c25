import { NOBODY, type OwnerBook } from "../../state/owner-book.ts";
import type { Account, Accounts } from "./accounts.ts";

/** An id and the account that it belongs to. */
interface Owning<Key> {
  readonly id: string;
  readonly account: Account<Key>;
}

/** What the ids in a request say of who can serve it. */
export type Claim<Key> =
  /** It names none. */
  | { readonly kind: "free" }
  | ({ readonly kind: "owned" } & Owning<Key>)
  /** None of its ids is known; `gone` is one whose account is configured no more. */
  | { readonly kind: "unknown"; readonly gone: string | undefined }
  /** No account has both. */
  | { readonly kind: "torn"; readonly first: Owning<Key>; readonly second: Owning<Key> };

/** @param now  epoch milliseconds */
export function claimOf<Key extends { readonly name: string; readonly account: string }>(
  ids: readonly string[],
  book: OwnerBook,
  accounts: Accounts<Key>,
  now: number,
): Claim<Key> {
  if (ids.length === 0) return { kind: "free" };
  let first: Owning<Key> | undefined;
  let gone: string | undefined;
  for (const id of ids) {
    const number = book.ownerOf(id, now);
    if (number === undefined) continue;
    const account = number === NOBODY ? undefined : accounts.byNumber(number);
    if (account === undefined) gone ??= id;
    else if (first === undefined) first = { id, account };
    else if (first.account !== account) return { kind: "torn", first, second: { id, account } };
  }
  return first === undefined ? { kind: "unknown", gone } : { kind: "owned", ...first };
}
