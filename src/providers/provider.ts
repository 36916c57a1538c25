import type { KeyConfig, ProviderName } from "../config/config.ts";
import type { Api } from "./api.ts";
import type { ErrorFacts } from "./error-body.ts";
import type { Outcome } from "./outcome.ts";
import type { ToldLimits } from "./told-limits.ts";

/** An answer that is not a success, as a provider's classifier sees it. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly facts: ErrorFacts;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A GET that costs nothing, and that a provider answers to keys that it takes. */
export interface FreeCall {
  /** As clients have it: joined to the key's base URL as theirs are. */
  readonly path: string;
  /** With its question mark, or "". */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The APIs in whose places the credential is set. */
  readonly apis: readonly Api[];
}

/** What differs between providers. One object for each in the file of its name; no state. */
export interface Provider {
  readonly name: ProviderName;

  /** Whether an upstream at this key's URL answers requests of this API. */
  serves(api: Api, key: Pick<KeyConfig, "url">): boolean;

  /** Sets the secret where this provider reads it. The client's own credentials are gone by then. */
  placeCredential(headers: Headers, secret: string, api: Api): void;

  /** What an answer with an error status, or an error inside a 200, means. */
  classify(refusal: Refusal): Outcome;

  /** The limits that an answer's headers tell; undefined where they tell none. */
  readLimits(headers: Headers, now: number): ToldLimits | undefined;

  /** Limits that several models share, each by the names of those models; all others have limits of their own. */
  readonly sharedLimits: readonly RegExp[];

  /** How this provider is asked, for free, whether it takes a key. */
  freeCall(key: Pick<KeyConfig, "url">): FreeCall;

  /** How this provider is asked for the models that a key has, for clients of this API, as many at once as it gives. */
  modelList(api: Api, key: Pick<KeyConfig, "url">): FreeCall;
}
