/** What a request asks for, as received. */
export interface RequestTarget {
  /** Begins with a slash. */
  readonly path: string;
  /** With its question mark, or "". */
  readonly query: string;
}

/** @param url  of a request that Bun has read: dot segments and an absolute-form target are resolved by then */
export function readTarget(url: string): RequestTarget {
  const target = url.slice(url.indexOf("/", url.indexOf("://") + 3));
  const queryAt = target.indexOf("?");
  return queryAt < 0
    ? { path: target, query: "" }
    : { path: target.slice(0, queryAt), query: target.slice(queryAt) };
}
