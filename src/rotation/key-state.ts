/** Why a key is set aside for every model. */
export type SetAside =
  /** Refused by the provider: until the configuration changes. */
  | { readonly kind: "dead"; readonly reason: string }
  /** Out of money or of the day's quota. */
  | { readonly kind: "spent"; readonly reason: string; readonly untilMs: number };

/** What is known of one model on one key. Instants are epoch milliseconds, 0 for never. */
export interface ModelState {
  coolUntilMs: number;
  /** Refusals in a row, which the backoff grows with. */
  refusals: number;
  unservedUntilMs: number;
}

/**
 * What was learned of one key: plain data that `learn` writes and `obstacleOf` reads. It outlives the
 * configuration that the key came with.
 */
export interface KeyState {
  setAside: SetAside | undefined;
  /** Times in a row that the key was found spent, which the time until the next try grows with. */
  timesSpent: number;
  /** A limit that the provider holds against the whole key. */
  coolUntilMs: number;
  refusals: number;
  lastServedMs: number;
  /** A 401 that nobody explained was seen since the key last served. */
  suspect: boolean;
  /** By model; "" for requests that name none. Made when first needed. */
  readonly byModel: Map<string, ModelState>;
}

/** A key as rotation sees it: what its owner said of it, and what was learned. */
export interface RotationKey {
  readonly name: string;
  /** Origin of the base URL: keys of one upstream stumble together. */
  readonly upstream: string;
  readonly priority: number;
  readonly weight: number;
  /** Exact names, globs, and `others`. */
  readonly models: readonly string[];
  readonly state: KeyState;
}

export function createKeyState(): KeyState {
  return {
    setAside: undefined,
    timesSpent: 0,
    coolUntilMs: 0,
    refusals: 0,
    lastServedMs: 0,
    suspect: false,
    byModel: new Map(),
  };
}

export function modelStateOf(key: KeyState, model: string): ModelState {
  let state = key.byModel.get(model);
  if (state === undefined) {
    state = { coolUntilMs: 0, refusals: 0, unservedUntilMs: 0 };
    key.byModel.set(model, state);
  }
  return state;
}
