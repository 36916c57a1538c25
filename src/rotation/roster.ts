import { DueTree } from "./due-tree.ts";
import { WeightTree } from "./weight-tree.ts";

/** What keeps a key from serving anybody, as far as it matters to who waits for it. */
export type RestReason =
  | "dead"
  | "unserved-model"
  /** Until an instant: cooling, spent or out of room. */
  | "limited"
  /** Until another request on it is over. */
  | "busy";

/** A key's place in the roster of one tier: what wakes it there. */
export interface Sleeper {
  // A reload makes new rosters, and the old ones are not to stay for keys that nothing ever wakes.
  readonly roster: WeakRef<Roster>;
  readonly place: number;
}

/** Woken at one look: any number of keys may be due at once, and a request waits meanwhile. */
const MAX_WOKEN = 256;

/** Shown at one look ahead: among so many the first that will do is found nearly always. */
const MAX_PEEKED = 64;

/**
 * Which keys of a tier are awake, by their places in it. A key that was found to serve nobody rests: no
 * pick meets it again until its time has come (`wakeDue`) or something about it has changed (`wakeAll`).
 * So what a pick costs does not grow with the keys that rest.
 */
export class Roster {
  readonly #weights: readonly number[];
  /** The weight of each key that is awake. */
  readonly #awake: WeightTree;
  readonly #due: DueTree;
  readonly #reasons: (RestReason | undefined)[];
  readonly #sleepers: (Sleeper | undefined)[];
  readonly #self = new WeakRef<Roster>(this);
  readonly #resting: Record<RestReason, number> = { dead: 0, "unserved-model": 0, limited: 0, busy: 0 };
  #awakeCount: number;

  /** @param weights  of the keys in the order of their places, each above 0 */
  constructor(weights: readonly number[]) {
    this.#weights = weights;
    this.#awake = new WeightTree(weights);
    this.#due = new DueTree(weights.length);
    this.#reasons = weights.map(() => undefined);
    this.#sleepers = weights.map(() => undefined);
    this.#awakeCount = weights.length;
  }

  get awakeCount(): number {
    return this.#awakeCount;
  }

  /** When the first key is to wake, epoch milliseconds; Infinity where none waits for an instant. */
  get dueMs(): number {
    return this.#due.soonestMs;
  }

  restingFor(reason: RestReason): number {
    return this.#resting[reason];
  }

  /** Undefined where the key is awake. */
  reasonOf(place: number): RestReason | undefined {
    return this.#reasons[place];
  }

  /**
   * One that is awake, in proportion to its weight; there has to be one.
   *
   * @param share  uniform in [0, 1)
   */
  draw(share: number): number {
    return this.#awake.draw(share);
  }

  /** The first that is awake, from a place on; -1 where there is none. */
  next(from: number): number {
    // Nearly always it is awake itself.
    if (from < this.#reasons.length && this.#reasons[from] === undefined) return from;
    return this.#awake.next(from);
  }

  /** @param untilMs  epoch milliseconds; Infinity where only a change ends it */
  rest(place: number, untilMs: number, reason: RestReason): void {
    this.wake(place);
    this.#reasons[place] = reason;
    this.#resting[reason] += 1;
    this.#awakeCount -= 1;
    this.#awake.set(place, 0);
    this.#due.set(place, untilMs);
  }

  wake(place: number): void {
    const reason = this.#reasons[place];
    if (reason === undefined) return;
    this.#reasons[place] = undefined;
    this.#resting[reason] -= 1;
    this.#awakeCount += 1;
    this.#awake.set(place, this.#weights[place] ?? 0);
    this.#due.set(place, Number.POSITIVE_INFINITY);
  }

  /** Wakes keys whose time has come; `dueMs` says whether that was all of them. */
  wakeDue(now: number): void {
    for (let woken = 0; woken < MAX_WOKEN && this.#due.soonestMs <= now; woken += 1) {
      this.wake(this.#due.first());
    }
  }

  /**
   * Shows those that rest until an instant, the soonest first.
   *
   * @param isEnough  told a place and its instant, epoch milliseconds; whether to look no further
   */
  peekDue(isEnough: (place: number, untilMs: number) => boolean): void {
    const seen: (readonly [place: number, untilMs: number])[] = [];
    while (seen.length < MAX_PEEKED && this.#due.soonestMs < Number.POSITIVE_INFINITY) {
      const place = this.#due.first();
      const untilMs = this.#due.soonestMs;
      if (isEnough(place, untilMs)) break;
      seen.push([place, untilMs]);
      this.#due.set(place, Number.POSITIVE_INFINITY);
    }
    for (const [place, untilMs] of seen) this.#due.set(place, untilMs);
  }

  /** For whoever is to wake the key at a place before its time. */
  sleeperAt(place: number): Sleeper {
    return (this.#sleepers[place] ??= { roster: this.#self, place });
  }
}

/** Something about a key has changed: wherever it rests, it is looked at anew. */
export function wakeAll(sleepers: Sleeper[]): void {
  if (sleepers.length === 0) return;
  for (const { roster, place } of sleepers) roster.deref()?.wake(place);
  sleepers.length = 0;
}

/** Drops what is left of rosters that nobody uses any more, as after a reload. */
export function forgetGone(sleepers: Sleeper[]): void {
  const alive = sleepers.filter(({ roster }) => roster.deref() !== undefined);
  sleepers.length = 0;
  for (const sleeper of alive) sleepers.push(sleeper);
}
