/** The part of a list that a request asks for, as indexes into it, the end exclusive; or what is wrong with it. */
export type Page =
  | { readonly kind: "page"; readonly start: number; readonly end: number; readonly hasMore: boolean }
  | { readonly kind: "invalid"; readonly param: string; readonly message: string };

/** https://docs.anthropic.com/en/api/models-list */
const ANTHROPIC_LIMIT = { fallback: 20, most: 1_000 };

/** https://ai.google.dev/api/models#method:-models.list; a larger size is taken for the largest. */
const GEMINI_SIZE = { fallback: 50, most: 1_000 };

/**
 * Anthropic's pages: `limit` models behind `after_id`, or before `before_id`, or from the beginning.
 *
 * @param query  with its question mark, or ""
 */
export function anthropicPage(ids: readonly string[], query: string): Page {
  const asked = new URLSearchParams(query);
  const after = asked.get("after_id");
  const before = asked.get("before_id");
  const limit = asked.has("limit") ? readCount(asked.get("limit")) : ANTHROPIC_LIMIT.fallback;
  if (limit === undefined || limit < 1 || limit > ANTHROPIC_LIMIT.most)
    return invalid("limit", `limit must be a whole number from 1 to ${ANTHROPIC_LIMIT.most}.`);
  if (after !== null && before !== null)
    return invalid("before_id", "Only one of after_id and before_id may be given.");
  if (before !== null) {
    const end = ids.indexOf(before);
    if (end < 0) return unknownCursor("before_id");
    const start = Math.max(0, end - limit);
    return { kind: "page", start, end, hasMore: start > 0 };
  }
  const cursor = after === null ? -1 : ids.indexOf(after);
  if (after !== null && cursor < 0) return unknownCursor("after_id");
  return from(ids, cursor + 1, limit);
}

/** Google's pages: `pageSize` models from where the page before, which gave `pageToken`, ended. */
export function geminiPage(ids: readonly string[], query: string): Page {
  const asked = new URLSearchParams(query);
  const given = asked.get("pageSize") ?? asked.get("page_size");
  const token = asked.get("pageToken") ?? asked.get("page_token");
  const size = given === null ? 0 : readCount(given);
  if (size === undefined) return invalid("pageSize", "pageSize must be a whole number, 0 or more.");
  const cursor = token === null || token === "" ? -1 : ids.indexOf(readToken(token));
  if (token !== null && token !== "" && cursor < 0) return unknownCursor("pageToken");
  const limit = size === 0 ? GEMINI_SIZE.fallback : Math.min(size, GEMINI_SIZE.most);
  return from(ids, cursor + 1, limit);
}

/** Names the last model of a page, so that it holds when the list changes in between. */
export function tokenFor(id: string): string {
  return Buffer.from(id).toString("base64url");
}

function readToken(token: string): string {
  return Buffer.from(token, "base64url").toString("utf8");
}

function from(ids: readonly string[], start: number, limit: number): Page {
  const end = Math.min(ids.length, start + limit);
  return { kind: "page", start, end, hasMore: end < ids.length };
}

function readCount(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function unknownCursor(param: string): Page {
  return invalid(
    param,
    `${param} names no model of this list, which may have changed: begin again without it.`,
  );
}

function invalid(param: string, message: string): Page {
  return { kind: "invalid", param, message };
}
