import { NO_LIMITS } from "../../src/config/config.ts";
import { createBreaker } from "../../src/rotation/breaker.ts";
import {
  createKeyState,
  type KeyState,
  modelStateOf,
  type RotationKey,
} from "../../src/rotation/key-state.ts";
import { createBounds, WAY_MS } from "../../src/rotation/limits/bounds.ts";
import { createBucket } from "../../src/rotation/limits/gauge.ts";
import { Look } from "../../src/rotation/look.ts";
import { createPool, type Tier } from "../../src/rotation/pool.ts";
import { Roster } from "../../src/rotation/roster.ts";

/** An afternoon in November 2025; far from 0, which stands for "never" in a key's state. */
export const NOW = 1_763_000_000_000;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** After so long a place of a key's bound of a minute, or of a day, comes back. */
export const MINUTE_BACK = MINUTE + WAY_MS;
export const DAY_BACK = 24 * HOUR + WAY_MS;

/** A healthy key of weight 1 in the first tier, that serves everything; the rest is for the test to say. */
export function keyWith(fields: Partial<RotationKey> & { name: string }): RotationKey {
  return {
    seed: Bun.hash.xxHash32(fields.name),
    upstream: "https://api.openai.com",
    priority: 0,
    weight: 1,
    models: ["others"],
    state: createKeyState(),
    bounds: createBounds(NO_LIMITS),
    breaker: createBreaker(),
    sleepers: [],
    ...fields,
  };
}

/** What one key's state is for a model that it is asked for, changed by the test. */
export function stateWith(change: (state: KeyState) => void): KeyState {
  const state = createKeyState();
  change(state);
  return state;
}

/** mulberry32: the same numbers in [0, 1) for the same seed, on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How often each name came up in so many choices. */
export function tally(times: number, choose: () => RotationKey | undefined): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < times; turn += 1) {
    const name = choose()?.name ?? "none";
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** So many requests left of a model's limit that does not come back. */
export function leaving(model: string, requests: number): KeyState {
  return stateWith((state) => (modelStateOf(state, model).meter.requests = createBucket(requests, 0, NOW)));
}

/** Keys that serve nobody: what a strategy never meets. */
export const dead = () => stateWith((state) => (state.setAside = { kind: "dead", reason: "revoked" }));

/** The one tier of keys of one priority. */
export function tierOf(keys: readonly RotationKey[]): Tier<RotationKey> {
  const [tier] = createPool("gpt-4o", keys).tiers;
  return tier ?? { keys: [], roster: new Roster([]), turn: 0, ring: undefined };
}

/**
 * What a small request asks of the keys of `tierOf`.
 *
 * @param tried  keys that are awake but not free for it
 */
export function lookFor(tried: Iterable<RotationKey> = []): Look<RotationKey> {
  const ask = { tokens: 1, tried: { keys: new Set(tried), failedUpstreams: new Set<string>() } };
  return new Look("gpt-4o", ask, NOW);
}
