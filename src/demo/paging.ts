import type { Thing } from "./account.ts";

/** A part of a list, behind one id or before one. */
export interface Paged {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly hasMore: boolean;
  /** A cursor that names nothing in the list. */
  readonly unknown?: string;
}

/**
 * Cuts a page out of a list as OpenAI and Anthropic do.
 *
 * @param things  in the order in which the list has them
 */
export function pageById(
  things: readonly Thing[],
  limit: number,
  after: string | null,
  before: string | null,
): Paged {
  const all = things.map(({ json }) => json);
  const at = (id: string) => all.findIndex((json) => json["id"] === id);
  const cursor = after ?? before;
  if (cursor !== null && at(cursor) < 0) return { data: [], hasMore: false, unknown: cursor };
  if (before !== null) {
    const end = at(before);
    const start = Math.max(0, end - limit);
    return { data: all.slice(start, end), hasMore: start > 0 };
  }
  const start = after === null ? 0 : at(after) + 1;
  return { data: all.slice(start, start + limit), hasMore: start + limit < all.length };
}

/** As Google and Anthropic's newer lists do, whose tokens are a position. */
export function pageByToken(
  things: readonly Thing[],
  limit: number,
  token: string | null,
): Paged & { readonly next: string | undefined } {
  const start = Number(token ?? 0);
  const end = start + limit;
  const hasMore = end < things.length;
  const data = things.slice(start, end).map(({ json }) => json);
  return { data, hasMore, next: hasMore ? String(end) : undefined };
}

/** A count in a query; `fallback` where there is none. */
export function countOf(query: URLSearchParams, name: string, fallback: number): number {
  const count = Number(query.get(name) ?? fallback);
  return Number.isInteger(count) && count > 0 ? count : fallback;
}
