import type { Breaker } from "./breaker.ts";
import type { Bounds } from "./limits/bounds.ts";
import { createMeter, type Meter } from "./limits/meter.ts";

/** Why a key is set aside for every model. */
export type SetAside =
  /** Refused by the provider: until the configuration changes. */
  | { readonly kind: "dead"; readonly reason: string }
  /** Out of money or of the day's quota. */
  | { readonly kind: "spent"; readonly reason: string; readonly untilMs: number };

/** What is known of one model on one key. Instants are epoch milliseconds, 0 for never. */
export interface ModelState {
  readonly meter: Meter;
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
  /** Requests under way. */
  inFlight: number;
  /** Time to the first byte: rises at once with a slow answer and falls slowly (peak EWMA); 0 where unknown. */
  ttfbMs: number;
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
  /** What the configuration bounds the key to, whatever the model. */
  readonly bounds: Bounds;
  /** Shared by the keys of one upstream. */
  readonly breaker: Breaker;
}

export function createKeyState(): KeyState {
  return {
    setAside: undefined,
    timesSpent: 0,
    coolUntilMs: 0,
    refusals: 0,
    lastServedMs: 0,
    inFlight: 0,
    ttfbMs: 0,
    suspect: false,
    byModel: new Map(),
  };
}

export function modelStateOf(key: KeyState, model: string): ModelState {
  let state = key.byModel.get(model);
  if (state === undefined) {
    state = { meter: createMeter(), coolUntilMs: 0, refusals: 0, unservedUntilMs: 0 };
    key.byModel.set(model, state);
  }
  return state;
}
