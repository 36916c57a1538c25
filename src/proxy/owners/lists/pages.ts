import type { UpstreamKey } from "../../runtime.ts";
import type { Account } from "../accounts.ts";
import type { AccountLists } from "./account-lists.ts";
import type { Cursor } from "./list-page.ts";
import type { ListRequest } from "./list-request.ts";
import { type Merged, takeMany, takeNext } from "./merge.ts";
import type { PageEnd, PageMemory } from "./page-memory.ts";
import { readToken } from "./page-token.ts";
import { type Position, Source } from "./source.ts";

/** A part of the merged lists. */
export interface MergedPage {
  readonly things: readonly Merged[];
  /** In the order of `accounts`. */
  readonly sources: readonly Source[];
  readonly accounts: readonly Account<UpstreamKey>[];
  /** In the direction in which the pages are read. */
  readonly hasMore: boolean;
  /** Two accounts that listed the same thing. */
  readonly twins: readonly [Account<UpstreamKey>, Account<UpstreamKey>] | undefined;
}

/**
 * The page that a request asks for.
 *
 * @param key  what requests for the same list have in common
 * @returns undefined where the thing or the token that it begins at is not known
 */
export async function mergedPage(
  asked: ListRequest,
  lists: AccountLists,
  memory: PageMemory,
  key: string,
): Promise<MergedPage | undefined> {
  if (asked.before !== undefined) return await pageBefore(asked, lists, asked.before);
  if (asked.token !== undefined) return await pageAt(asked, lists, asked.token);
  const end = asked.after === undefined ? undefined : memory.get(key, asked.after);
  const page = await pageAfter(asked, lists, end);
  const last = page?.things.at(-1)?.item;
  if (page !== undefined && last !== undefined && page.hasMore) {
    memory.set(key, last.id, { atMs: last.atMs, lastTaken: lastTakenOf(page, end) });
  }
  return page;
}

function lastTakenOf({ sources, accounts }: MergedPage, before: PageEnd | undefined): Map<number, string> {
  const taken = new Map(before?.lastTaken);
  for (const [index, { number }] of accounts.entries()) {
    const last = sources[index]?.lastTaken;
    if (last !== undefined) taken.set(number, last);
  }
  return taken;
}

/** Behind a thing, or from the beginning. */
async function pageAfter(
  asked: ListRequest,
  lists: AccountLists,
  end: PageEnd | undefined,
): Promise<MergedPage | undefined> {
  const { list, limit, after, newestFirst } = asked;
  const mustWalk = after !== undefined && end === undefined;
  const size = mustWalk ? list.maxLimit : limit;
  const restarted = new Set<number>();
  const sources = lists.accounts.map((account, index) => {
    const last = end?.lastTaken.get(account.number);
    const from: Cursor | undefined =
      last === undefined || list.dialect.after === undefined ? undefined : [list.dialect.after, last];
    const ask = async (cursor: Cursor | undefined) => {
      const page = await lists.ask(account, size, cursor);
      // What it ended with may have been deleted since: then what is as old is passed over instead.
      if (page !== undefined || cursor === undefined || cursor !== from) return page;
      restarted.add(index);
      return await lists.ask(account, size, undefined);
    };
    return new Source(ask, { cursor: from, taken: 0 });
  });
  if (mustWalk && !(await walkTo(sources, newestFirst, after))) return undefined;
  const isPast = ({ item, source }: Merged) => {
    if (item.id === after) return true;
    if (!restarted.has(source) || item.atMs === undefined || end?.atMs === undefined) return false;
    return newestFirst ? item.atMs > end.atMs : item.atMs < end.atMs;
  };
  return await takePage(asked, lists.accounts, sources, isPast);
}

/** @returns whether the thing was come to */
async function walkTo(sources: readonly Source[], newestFirst: boolean, id: string): Promise<boolean> {
  for (;;) {
    const next = await takeNext(sources, newestFirst);
    if (next === undefined) return false;
    if (next.item.id === id) return true;
  }
}

/** At a token of an earlier page. */
async function pageAt(
  asked: ListRequest,
  lists: AccountLists,
  token: string,
): Promise<MergedPage | undefined> {
  const positions = readToken(token);
  if (positions === undefined) return undefined;
  const going = lists.accounts.flatMap((account) => {
    const position = account.keys.map(({ name }) => positions.get(name)).find((each) => each !== undefined);
    return position === undefined ? [] : [{ account, position }];
  });
  const accounts = going.map(({ account }) => account);
  const sources = going.map(({ account, position }) => sourceOf(lists, account, asked.limit, position));
  return await takePage(asked, accounts, sources, () => false);
}

function sourceOf(
  lists: AccountLists,
  account: Account<UpstreamKey>,
  limit: number,
  position?: Position,
): Source {
  return new Source((cursor) => lists.ask(account, limit, cursor), position);
}

async function takePage(
  { limit, newestFirst }: ListRequest,
  accounts: readonly Account<UpstreamKey>[],
  sources: readonly Source[],
  isPast: (merged: Merged) => boolean,
): Promise<MergedPage> {
  let twins: MergedPage["twins"];
  const things = await takeMany(sources, newestFirst, limit, isPast, (again, first) => {
    const [a, b] = [accounts[first], accounts[again.source]];
    if (a !== undefined && b !== undefined) twins ??= [a, b];
  });
  return { things, sources, accounts, hasMore: sources.some(({ hasMore }) => hasMore), twins };
}

/** The last things before one: all before it are gone through, since no list can be read backwards from another's thing. */
async function pageBefore(
  { list, limit, newestFirst }: ListRequest,
  lists: AccountLists,
  before: string,
): Promise<MergedPage | undefined> {
  const sources = lists.accounts.map((account) => sourceOf(lists, account, list.maxLimit));
  const things: Merged[] = [];
  let hasMore = false;
  for (;;) {
    const next = await takeNext(sources, newestFirst);
    if (next === undefined) return undefined;
    if (next.item.id === before) break;
    things.push(next);
    if (things.length > limit) {
      things.shift();
      hasMore = true;
    }
  }
  return { things, sources, accounts: lists.accounts, hasMore, twins: undefined };
}
