import type { Affinity } from "./affinity.ts";
import type { RotationKey } from "./key-state.ts";
import { type Obstacle, obstacleOf } from "./obstacle.ts";
import type { Tier } from "./pool.ts";
import { capacityFor, headroomFor, roomAt } from "./reserve.ts";
import type { RestReason } from "./roster.ts";
import { trialAt } from "./trial.ts";

/** What earlier attempts of the same request rule out. */
export interface Tried {
  /** Never taken again for this request. */
  readonly keys: ReadonlySet<RotationKey>;
  /** Upstreams that stumbled: taken again only where no other can serve. */
  readonly failedUpstreams: ReadonlySet<string>;
}

/** Of a request's first attempt. */
export const NOTHING_TRIED: Tried = { keys: new Set(), failedUpstreams: new Set() };

/** What is asked of a key. */
export interface Ask {
  /** Estimated, input and output together. */
  readonly tokens: number;
  readonly tried: Tried;
  /** Undefined where it belongs with no other request. */
  readonly affinity?: Affinity | undefined;
}

/** No request is smaller, in tokens: a key without room for this much has none for anybody. */
const LEAST_TOKENS = 1;

/** So many keys without room for a large request are enough: the others are hardly better, and time is short. */
const MAX_TOO_SMALL = 64;

/** What one request asks of each key that it looks at, at one moment. */
export class Look<Key extends RotationKey> {
  readonly #model: string;
  readonly #tokens: number;
  readonly #tried: Tried;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Upstreams that failed the request are passed over. */
  readonly #elsewhere: boolean;
  #tooSmall = 0;

  constructor(model: string, { tokens, tried }: Ask, now: number, elsewhere = false) {
    this.#model = model;
    this.#tokens = Math.max(LEAST_TOKENS, tokens);
    this.#tried = tried;
    this.now = now;
    this.#elsewhere = elsewhere;
  }

  /** Whether enough has been looked at in vain. */
  get isOver(): boolean {
    return this.#tooSmall >= MAX_TOO_SMALL;
  }

  /** What a key has left for the model, in requests. */
  headroomOf(key: Key): number {
    return headroomFor(key, this.#model, this.now);
  }

  /** What a key has room for when nothing of it is used, in requests a minute or so; undefined where that is not known. */
  capacityOf(key: Key): number | undefined {
    return capacityFor(key, this.#model);
  }

  /** Whether the key at a place can take the request now. One that could take nobody's goes to rest. */
  isFree(tier: Tier<Key>, place: number): boolean {
    const key = tier.keys[place];
    if (key === undefined || this.#tried.keys.has(key)) return false;
    if (this.#elsewhere && this.#tried.failedUpstreams.has(key.upstream)) return false;
    const obstacle = obstacleOf(key.state, this.#model, this.now);
    if (obstacle === undefined && roomAt(key, this.#model, this.#tokens, this.now) <= this.now) return true;
    this.#passOver(tier, key, place, obstacle);
    return false;
  }

  /** The first place, from one on, whose key is free; -1 where there is none, or it is over. */
  nextFree(tier: Tier<Key>, from: number): number {
    const { roster } = tier;
    for (let place = roster.next(from); place >= 0 && !this.isOver; place = roster.next(place + 1)) {
      if (this.isFree(tier, place)) return place;
    }
    return -1;
  }

  /** Lets a key rest for as long as no request finds it free. */
  #passOver(tier: Tier<Key>, key: Key, place: number, obstacle: Obstacle | undefined): void {
    switch (obstacle?.kind) {
      case "disabled":
        lieDown(tier, key, place, Number.POSITIVE_INFINITY, "dead");
        return;
      case "dead":
        lieDown(tier, key, place, trialAt(obstacle), "dead");
        return;
      case "unserved-model":
        lieDown(tier, key, place, obstacle.untilMs, "unserved-model");
        return;
      case "limited":
      case "spent":
        lieDown(tier, key, place, obstacle.untilMs, "limited");
        return;
      case undefined: {
        const roomMs = roomAt(key, this.#model, LEAST_TOKENS, this.now);
        const isBusy = roomMs === Number.POSITIVE_INFINITY && key.state.inFlight > 0;
        if (roomMs > this.now) lieDown(tier, key, place, roomMs, isBusy ? "busy" : "limited");
        else this.#tooSmall += 1;
      }
    }
  }
}

/** Where to begin a walk over all that are awake: anywhere, if it may be over before its end. */
export function startOf<Key extends RotationKey>({ roster }: Tier<Key>, random: () => number): number {
  return roster.awakeCount > MAX_TOO_SMALL ? roster.draw(random()) : 0;
}

/** @param untilMs  epoch milliseconds; Infinity where only a change of the key, or of its upstream, ends it */
function lieDown<Key extends RotationKey>(
  { roster }: Tier<Key>,
  { sleepers, breaker }: Key,
  place: number,
  untilMs: number,
  reason: RestReason,
): void {
  roster.rest(place, untilMs, reason);
  const sleeper = roster.sleeperAt(place);
  if (!sleepers.includes(sleeper)) sleepers.push(sleeper);
  if (breaker.openUntilMs !== 0) breaker.sleepers.push(sleeper);
}
