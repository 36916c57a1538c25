/** What a request asks for, as received. */
export interface RequestTarget {
  /** Begins with one slash. */
  readonly path: string;
  /** With its question mark, or "". */
  readonly query: string;
}

const SLASH = 0x2f;

/** @param url  of a request that Bun has read: dot segments and an absolute-form target are resolved by then */
export function readTarget(url: string): RequestTarget {
  const target = beginOnce(url.slice(url.indexOf("/", url.indexOf("://") + 3)));
  const queryAt = target.indexOf("?");
  return queryAt < 0
    ? { path: target, query: "" }
    : { path: target.slice(0, queryAt), query: target.slice(queryAt) };
}

/**
 * The path with one slash at its beginning. A base URL that ends in a slash doubles it; Bun's fetch sends it
 * once, and so it is read as it is sent.
 */
export function beginOnce(path: string): string {
  let start = 0;
  while (path.charCodeAt(start + 1) === SLASH) start += 1;
  return start === 0 ? path : path.slice(start);
}
