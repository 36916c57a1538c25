import type { Account } from "./account.ts";
import type { ApiName, Arrival, Call } from "./call.ts";
import type { Gauges, LimitName } from "./limits.ts";
import type { CachedPrompt } from "./prompt-cache.ts";
import type { Reply } from "./reply.ts";

/** Where a refusal says when to come back. */
export type RetryHint = "header" | "header-ms" | "date" | "body" | "none";

/** Why a request is not served, before any provider has worded it. */
export type Refusal =
  | {
      readonly kind: "limited";
      readonly on: LimitName;
      readonly limit: number;
      readonly used: number;
      readonly requested: number;
      /** Infinity: the request can never fit. */
      readonly retryAfterMs: number;
      /** Only this hint; undefined: those that the provider usually gives. */
      readonly hint?: RetryHint;
    }
  | { readonly kind: "spent" }
  | { readonly kind: "dead" }
  | { readonly kind: "no-credential" }
  | { readonly kind: "overloaded" }
  | { readonly kind: "unserved-model" }
  | { readonly kind: "server-error"; readonly status: number }
  | { readonly kind: "bad-request"; readonly message?: string }
  | { readonly kind: "too-large" }
  /** The account has no such thing; the words are the provider's. `code` is OpenAI's. */
  | { readonly kind: "missing"; readonly message: string; readonly status?: number; readonly code?: string }
  | { readonly kind: "unknown-path" };

/** A refusal in a provider's words. */
export interface WordedRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A string is sent as an HTML page, anything else as JSON. */
  readonly body: unknown;
}

/** What an answer is made from. */
export interface AnswerMaterial {
  readonly requestId: string;
  readonly sentence: string;
  /** The sentence as a stream sends it. */
  readonly deltas: readonly string[];
  /** The key's list; undefined: it may use every model. */
  readonly models: readonly string[] | undefined;
  /** What the key's account holds. */
  readonly account: Account;
  /** What of the prompt it has cached. */
  readonly cached: CachedPrompt;
  /** Changes the account, once it is sure that the request is served. */
  commit(change: () => void): void;
}

/** How one provider reads, answers and refuses. One object each, without state. */
export interface Dialect {
  readonly api: ApiName;
  secretOf(arrival: Arrival): string | undefined;
  read(arrival: Arrival): Call | Promise<Call>;
  /** @returns undefined where the provider has no such path */
  answer(call: Call, material: AnswerMaterial): Reply | Refusal | undefined;
  refuse(call: Call, refusal: Refusal, requestId: string): WordedRefusal;
  /** The refusal as a part of a stream: its first, or after others. */
  streamError(call: Call, refusal: Refusal, requestId: string, first: boolean): string;
  /** Headers of every answer. */
  headers(requestId: string, elapsedMs: number): Readonly<Record<string, string>>;
  limitHeaders(gauges: Gauges, now: number): Readonly<Record<string, string>>;
}
