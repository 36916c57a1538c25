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
  let start = url.indexOf("/", url.indexOf("://") + 3);
  // A base URL that ends in a slash doubles the first one. Bun's fetch sends it once, and it is read as it is sent.
  while (url.charCodeAt(start + 1) === SLASH) start += 1;
  const target = url.slice(start);
  const queryAt = target.indexOf("?");
  return queryAt < 0
    ? { path: target, query: "" }
    : { path: target.slice(0, queryAt), query: target.slice(queryAt) };
}
