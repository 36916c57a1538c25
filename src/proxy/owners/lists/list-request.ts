import type { ListEndpoint } from "./list-endpoint.ts";
import type { Cursor } from "./list-page.ts";

/** What is asked of a merged list. */
export interface ListRequest {
  readonly list: ListEndpoint;
  readonly limit: number;
  readonly newestFirst: boolean;
  /** Ids of the things behind, and before, which the page is. */
  readonly after: string | undefined;
  readonly before: string | undefined;
  readonly token: string | undefined;
  /** All that is not about pages: what the lists are filtered by. */
  readonly filter: URLSearchParams;
}

/**
 * @param query  with its question mark, or ""
 * @returns undefined where it is not to be understood, so that the provider is asked what is wrong with it
 */
export function readListRequest(list: ListEndpoint, query: string): ListRequest | undefined {
  const filter = new URLSearchParams(query);
  const { dialect, defaultLimit, maxLimit } = list;
  const take = (name: string | undefined) => {
    const value = name === undefined ? undefined : (filter.get(name) ?? undefined);
    if (name !== undefined) filter.delete(name);
    return value === "" ? undefined : value;
  };
  const asked = take(dialect.limit);
  const limit = asked === undefined ? defaultLimit : Number(asked);
  const [after, before, token] = [take(dialect.after), take(dialect.before), take(dialect.token)];
  const isSound = Number.isInteger(limit) && limit > 0 && limit <= maxLimit;
  if (!isSound) return undefined;
  const order = filter.get("order");
  if (order !== null && order !== "asc" && order !== "desc") return undefined;
  const newestFirst = order === null ? list.newestFirst : order === "desc";
  return { list, limit, newestFirst, after, before, token, filter };
}

/** The query for a page of one account's list, with its question mark. */
export function pageQuery({ list, filter }: ListRequest, limit: number, cursor: Cursor | undefined): string {
  const query = new URLSearchParams(filter);
  query.set(list.dialect.limit, String(limit));
  if (cursor !== undefined) query.set(cursor[0], cursor[1]);
  return `?${query}`;
}
