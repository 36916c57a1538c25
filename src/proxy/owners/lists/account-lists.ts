import type { Exchange } from "../../exchange.ts";
import type { Answer } from "../../judge.ts";
import type { UpstreamKey } from "../../runtime.ts";
import type { Account } from "../accounts.ts";
import { askAccount } from "./ask-account.ts";
import type { Cursor, ListPage } from "./list-page.ts";
import { type ListRequest, pageQuery } from "./list-request.ts";

/** Of one account for one request: an upstream whose pages never end is not followed for ever. */
const MAX_PAGES = 2_000;

/** The lists of several accounts, as they are read for one request, and what came in the way of it. */
export class AccountLists {
  readonly accounts: readonly Account<UpstreamKey>[];
  /** Accounts that could not be asked for all that was wanted, and why. */
  readonly missing = new Map<Account<UpstreamKey>, string>();
  /** The first that refused, and how: it has no such list, or the request is wrong. */
  refused: { readonly key: UpstreamKey; readonly answer: Answer } | undefined = undefined;
  #hasListed = false;
  readonly #exchange: Exchange;
  readonly #asked: ListRequest;
  readonly #signal: AbortSignal;
  #pages = 0;

  /** @param signal  ends all reading, as when the client goes away */
  constructor(
    exchange: Exchange,
    asked: ListRequest,
    accounts: readonly Account<UpstreamKey>[],
    signal: AbortSignal,
  ) {
    this.#exchange = exchange;
    this.#asked = asked;
    this.accounts = accounts;
    this.#signal = signal;
  }

  /** Whether none of those that were asked has given a list. */
  get hasFailed(): boolean {
    return this.#pages > 0 && !this.#hasListed;
  }

  /** The page of an account at a cursor; undefined where it gives none, which is noted. */
  async ask(
    account: Account<UpstreamKey>,
    limit: number,
    cursor: Cursor | undefined,
  ): Promise<ListPage | undefined> {
    this.#pages += 1;
    if (this.#pages > MAX_PAGES) {
      this.missing.set(account, "too many pages");
      return undefined;
    }
    const query = pageQuery(this.#asked, limit, cursor);
    const listed = await askAccount(this.#exchange, this.#asked.list, account, query, this.#signal);
    switch (listed.kind) {
      case "listed":
        this.#hasListed = true;
        return listed.page;
      case "refused":
        this.refused ??= listed;
        return undefined;
      case "missing":
        this.missing.set(account, listed.reason);
        return undefined;
    }
  }
}
