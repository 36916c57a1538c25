import type { Answer } from "../judge.ts";
import type { UpstreamKey } from "../runtime.ts";
import type { Endpoint } from "./endpoint.ts";
import type { PathIds } from "./path-ids.ts";

/** Keys that alone may serve a request. */
export interface Only {
  readonly keys: readonly UpstreamKey[];
  /** What they are the same by, for the pools. */
  readonly id: string;
  /** For people: why no other key may. */
  readonly why: string;
}

/** A search for the account of things that nobody knows of: one key after the other, until one has them. */
export interface Seek {
  /** One of them that is remembered, of an account that is configured no more. */
  readonly gone: string | undefined;
  /** How many accounts have said that they have no such thing. */
  asked: number;
  /** The first key that said that it has no such thing, and its answer. */
  missing: { readonly key: UpstreamKey; readonly answer: Answer } | undefined;
}

/** What a request has to do with things that live in one account. */
export interface Owned {
  readonly endpoint: Endpoint;
  readonly path: PathIds;
  /** In its path, its query and its body. */
  readonly ids: readonly string[];
  /** Undefined where any key will do. */
  readonly only: Only | undefined;
  /** Undefined where the account is known, or nothing is named. */
  readonly seek: Seek | undefined;
}
