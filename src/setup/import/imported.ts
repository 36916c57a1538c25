import type { Draft } from "../draft.ts";
import type { NewSecret } from "../new-key.ts";

/** What a file of keys comes to. */
export interface Imported {
  /** As messages name it: `LiteLLM configuration`. */
  readonly kind: string;
  readonly draft: Draft;
  /** Keys that nothing tells the provider of. */
  readonly unrecognised: readonly NewSecret[];
  /** What could not be taken over, each in a sentence; none names a secret. */
  readonly notes: readonly string[];
}
