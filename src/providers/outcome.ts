/** Tokens that one request used, as the provider counted them. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * What an attempt on an upstream came to, in words that need no knowledge of the provider.
 * What is done about each is decided in `rotation/learn.ts` and `proxy/forward.ts`.
 */
export type Outcome =
  /** The upstream did what was asked. */
  | { readonly kind: "served" }
  /** This key, or this model on this key, may take no more for now. */
  | {
      readonly kind: "limited";
      readonly scope: "key" | "model";
      readonly retryAfterMs: number | undefined;
      /** That the limit counts tokens, where the provider says so; requests, as far as is known, where it does not. */
      readonly counts?: "tokens";
    }
  /** The provider as a whole is short of capacity for the model: nobody's limit, so not held against the key. */
  | { readonly kind: "overloaded"; readonly retryAfterMs: number | undefined }
  /** The money or the day's quota behind the key is used up. */
  | { readonly kind: "spent"; readonly reason: string; readonly retryAfterMs: number | undefined }
  /**
   * The key itself is refused. `certain` where the provider said so in words that we know; otherwise a
   * bare 401 that may be a passing fault of a gateway.
   */
  | { readonly kind: "dead"; readonly reason: string; readonly certain: boolean }
  /** The key is fine, but may not use this model. */
  | { readonly kind: "unserved-model" }
  /** The request is wrong, whichever key carries it. */
  | { readonly kind: "client-error" }
  /** The upstream stumbled: connect error, reset, timeout, 5xx. */
  | { readonly kind: "upstream-failure"; readonly reason: string }
  /** The client went away; says nothing about the key. */
  | { readonly kind: "abandoned" };
