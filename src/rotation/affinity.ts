import type { RotationKey } from "./key-state.ts";
import type { Look } from "./look.ts";
import type { Tier } from "./pool.ts";
import { distance, Ring, ROUND } from "./rendezvous.ts";
import { slowStart } from "./slow-start.ts";

/** Which requests a request belongs with, so that the provider's prompt cache keeps hitting. */
export interface Affinity {
  /** 32 bits, the same for all that belong together. */
  readonly hash: number;
  /** The first key in their order, of those that may be used at all; set by each pick. */
  home: RotationKey | undefined;
}

/** Keys looked at for one request; past them the strategy chooses. */
const MAX_LOOKED_AT = 4 * ROUND;

/**
 * What one key may have under way, as a multiple of its fair share of what all have (consistent hashing
 * with bounded loads, Mirrokni, Thorup and Zadimoghaddam 2016).
 */
const BOUND = 1.25;

/** That much under way is no load, whatever the others have: a few requests of one conversation at once. */
const SLACK = 8;

/**
 * Of the keys that are free, the first in the order of the request's affinity that has not more under way
 * than its share: the order is fixed, so a key that is full spills over to the same others, and what
 * belongs together is back as soon as it has room.
 *
 * @returns undefined where none is found, which leaves the choice to the strategy
 */
export function byAffinity<Key extends RotationKey>(
  tier: Tier<Key>,
  look: Look<Key>,
  affinity: Affinity,
): Key | undefined {
  const size = Math.min(tier.keys.length, MAX_LOOKED_AT);
  const ring = (tier.ring ??= new Ring(tier.keys));
  const start = ring.startOf(affinity.hash);
  for (let from = 0; from < size && !look.isOver; from += ROUND) {
    const key = bestOf(tier, ring, look, affinity, start + from, Math.min(ROUND, size - from));
    if (key !== undefined) return key;
  }
  return undefined;
}

/** Of one round, by their turn in it. Nothing here outlasts a pick. */
const weights = new Float64Array(ROUND);
const capacities = new Float64Array(ROUND);
/** Infinity for what is out of the question. */
const distances = new Float64Array(ROUND);

function bestOf<Key extends RotationKey>(
  tier: Tier<Key>,
  ring: Ring,
  look: Look<Key>,
  affinity: Affinity,
  start: number,
  count: number,
): Key | undefined {
  const { keys, roster } = tier;
  const usual = weigh(tier, ring, look, start, count);
  let weightOfAll = 0;
  let underWay = 1;
  let home: Key | undefined;
  let toHome = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < count; turn += 1) {
    const place = ring.placeAt(start + turn);
    const key = keys[place];
    distances[turn] = Number.POSITIVE_INFINITY;
    const rests = roster.reasonOf(place);
    if (key === undefined || rests === "dead" || rests === "unserved-model") continue;
    const weight = (weights[turn] ?? 0) * (capacities[turn] || usual);
    const away = distance(key.seed, affinity.hash, weight);
    if (away < toHome) {
      home = key;
      toHome = away;
    }
    if (rests !== undefined) continue;
    distances[turn] = away;
    weights[turn] = weight;
    weightOfAll += weight;
    underWay += key.state.inFlight;
  }
  affinity.home ??= home;
  for (;;) {
    const turn = nearest(count);
    if (turn < 0) return undefined;
    distances[turn] = Number.POSITIVE_INFINITY;
    const place = ring.placeAt(start + turn);
    const key = keys[place];
    if (key === undefined) continue;
    const fairShare = (underWay * (weights[turn] ?? 0)) / weightOfAll;
    if (key.state.inFlight < BOUND * fairShare + SLACK && look.isFree(tier, place)) return key;
  }
}

/**
 * Notes the weights and capacities of a round's keys, 0 for a capacity that is not known yet.
 *
 * @returns the mean of those that are known, which the others are taken for: the first key that is told its
 *          limits is no larger than the rest for that
 */
function weigh<Key extends RotationKey>(
  { keys }: Tier<Key>,
  ring: Ring,
  look: Look<Key>,
  start: number,
  count: number,
): number {
  let known = 0;
  let sum = 0;
  for (let turn = 0; turn < count; turn += 1) {
    const key = keys[ring.placeAt(start + turn)];
    if (key === undefined) continue;
    weights[turn] = key.weight * slowStart(key, look.now);
    const capacity = look.capacityOf(key) ?? 0;
    capacities[turn] = capacity;
    if (capacity === 0) continue;
    known += 1;
    sum += capacity;
  }
  return known === 0 ? 1 : sum / known;
}

function nearest(count: number): number {
  let best = -1;
  let toBest = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < count; turn += 1) {
    const away = distances[turn] ?? toBest;
    if (away < toBest) {
      best = turn;
      toBest = away;
    }
  }
  return best;
}

/** Whether a request's own key served it, or another: for headers and logs. */
export type Placement = "hit" | "spill";

/**
 * @param keyName  of the key that served; "" for none
 * @returns undefined where there is no affinity, or no key served
 */
export function placementOf(affinity: Affinity | undefined, keyName: string): Placement | undefined {
  if (affinity === undefined || keyName === "") return undefined;
  return affinity.home?.name === keyName ? "hit" : "spill";
}
