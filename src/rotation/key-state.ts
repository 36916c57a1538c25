import type { Breaker } from "./breaker.ts";
import type { Bounds } from "./limits/bounds.ts";
import { createMeter, type Meter } from "./limits/meter.ts";
import type { Sleeper } from "./roster.ts";

/** How a dead key may come back, and when, epoch milliseconds. */
export type Comeback =
  /** Its provider is asked by a call that costs nothing (`Provider.freeCall`). */
  | { readonly by: "probe"; readonly atMs: number }
  /** What a free call cannot tell, one client's request tries (`trial.ts`). */
  | { readonly by: "trial"; readonly atMs: number };

/** Why a key is set aside for every model. */
export type SetAside =
  /** Refused by the provider. It stays so until its comeback is planned, which `ProbeSchedule` does. */
  | { readonly kind: "dead"; readonly reason: string; readonly comeback?: Comeback }
  /** Out of money or of the day's quota. */
  | { readonly kind: "spent"; readonly reason: string; readonly untilMs: number };

/** What is known of one model on one key. Instants are epoch milliseconds, 0 for never. */
export interface ModelState {
  /** One that several models share is in the state of each. */
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
  /** Grows with every change that is worth keeping, so that whoever keeps it sees that there is something new. */
  revision: number;
  setAside: SetAside | undefined;
  /** Its owner wants it left alone until further notice. */
  disabled: boolean;
  /** Times in a row that the key was found spent, which the time until the next try grows with. */
  timesSpent: number;
  /** Times in a row that the key was found dead, by clients' requests and by probes. */
  timesDead: number;
  /** A free call has spoken for the key since it last served. */
  vouchedFor: boolean;
  /** A request under way tries whether the key, set aside until now, is back. */
  onTrial: boolean;
  /** When it came back after it had been set aside, or was added while others served, epoch milliseconds; else 0. */
  returnedMs: number;
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
  /** Of limits that the provider counts for several models together. */
  readonly sharedMeters: readonly SharedMeter[];
}

interface SharedMeter {
  /** The names of the models. */
  readonly models: RegExp;
  readonly meter: Meter;
}

/** A key as rotation sees it: what its owner said of it, and what was learned. */
export interface RotationKey {
  readonly name: string;
  /** By which an order of keys knows it (`rendezvous.ts`): 32 bits, the same for the same secret at the same URL. */
  readonly seed: number;
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
  /** Where the key rests until something about it changes; as long-lived as its state. */
  readonly sleepers: Sleeper[];
}

/** Ten thousand keys need no list each. */
const NONE_SHARED: KeyState["sharedMeters"] = [];

/**
 * @param addedMs       when the key came beside others that served, epoch milliseconds; 0 where it was there from the start
 * @param sharedLimits  of its provider (`Provider.sharedLimits`)
 */
export function createKeyState(addedMs = 0, sharedLimits: readonly RegExp[] = []): KeyState {
  return {
    revision: 0,
    setAside: undefined,
    disabled: false,
    timesSpent: 0,
    timesDead: 0,
    vouchedFor: false,
    onTrial: false,
    returnedMs: addedMs,
    coolUntilMs: 0,
    refusals: 0,
    lastServedMs: 0,
    inFlight: 0,
    ttfbMs: 0,
    suspect: false,
    byModel: new Map(),
    sharedMeters:
      sharedLimits.length === 0
        ? NONE_SHARED
        : sharedLimits.map((models) => ({ models, meter: createMeter() })),
  };
}

/** What is believed of the limits that requests for a model count against; undefined where nothing is. */
export function meterOf(key: KeyState, model: string): Meter | undefined {
  return key.byModel.get(model)?.meter ?? sharedMeterOf(key, model);
}

function sharedMeterOf({ sharedMeters }: KeyState, model: string): Meter | undefined {
  return sharedMeters.find(({ models }) => models.test(model))?.meter;
}

/** Models come from clients: what is known of names that are made up must not pile up. */
const MAX_MODELS = 1_000;

export function modelStateOf(key: KeyState, model: string): ModelState {
  let state = key.byModel.get(model);
  if (state === undefined) {
    if (key.byModel.size >= MAX_MODELS) forgetOldest(key.byModel);
    const meter = sharedMeterOf(key, model) ?? createMeter();
    state = { meter, coolUntilMs: 0, refusals: 0, unservedUntilMs: 0 };
    key.byModel.set(model, state);
  }
  return state;
}

/** The one that was met first: a Map remembers the order in which its keys were set. */
function forgetOldest(byModel: Map<string, ModelState>): void {
  for (const model of byModel.keys()) {
    byModel.delete(model);
    return;
  }
}
