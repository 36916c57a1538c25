/** Something that was taken, and when, epoch milliseconds; or the sum of several, at the last of them. */
export interface Taken {
  readonly atMs: number;
  readonly amount: number;
}

/** What is taken in one such part of a window counts as taken at the last of it: at most so much too long. */
const PARTS = 60;

/** To be kept, a window is told in fewer parts. */
export const KEPT_PARTS = 24;

/** A place has two numbers: when, and how much. */
const WIDTH = 2;

const NOTHING: number[] = [];

/**
 * A limit that the configuration names: no stretch of time of the window's length, whenever it begins, has
 * more taken than it. What a request has taken comes back when it is so long ago, to the millisecond where no
 * other followed it soon.
 *
 * Ten thousand keys may have several each: one that nothing was taken from holds no memory of note, and
 * what is taken is summed up as it comes and goes, not at each look.
 */
export class SlidingWindow {
  /** May become another: what was taken counts on. */
  limit: number;
  readonly lengthMs: number;
  /**
   * What counts, oldest first from `#oldest` on, around the end: two numbers a place, a power of two of
   * places. An array of a few numbers takes half of what a Float64Array of them does.
   */
  #ring = NOTHING;
  #oldest = 0;
  #count = 0;
  #used = 0;

  constructor(limit: number, lengthMs: number) {
    this.limit = limit;
    this.lengthMs = lengthMs;
  }

  /** What may be taken now; below 0 where more was taken than fits. */
  left(now: number): number {
    this.#forget(now);
    return this.limit - this.#used;
  }

  /** When an amount fits, epoch milliseconds; `now` where it does already. More than the limit fits when nothing is taken. */
  fitsAt(amount: number, now: number): number {
    let excess = Math.min(amount, this.limit) - this.left(now);
    let fitsMs = now;
    for (let place = 0; excess > 0 && place < this.#count; place += 1) {
      excess -= this.#amountAt(place);
      fitsMs = this.#takenMs(place) + this.lengthMs;
    }
    return fitsMs;
  }

  take(amount: number, now: number): void {
    this.#forget(now);
    if (amount > 0) this.#put(now, amount);
  }

  /** Gives back some of what was taken at an instant; nothing where that does not count any more. */
  giveBack(amount: number, takenMs: number, now: number): void {
    this.#forget(now);
    const part = this.#partOf(takenMs);
    for (let place = this.#count - 1; place >= 0; place -= 1) {
      const ofPlace = this.#partOf(this.#takenMs(place));
      if (ofPlace < part) return;
      if (ofPlace === part) {
        this.#add(place, -Math.min(amount, this.#amountAt(place)));
        return;
      }
    }
  }

  /** What it lets through between two instants, neither of them past, if all of it is taken as soon as it is there. */
  suppliedBy(fromMs: number, untilMs: number): number {
    const rounds = Math.floor((untilMs - fromMs) / this.lengthMs);
    const momentMs = untilMs - rounds * this.lengthMs;
    let counts = this.#used;
    for (let place = 0; place < this.#count && this.#takenMs(place) + this.lengthMs <= momentMs; place += 1)
      counts -= this.#amountAt(place);
    return rounds * this.limit + Math.max(0, this.limit - counts);
  }

  /** What counts, or did when something was last taken: oldest first, in as few lumps as are worth keeping. */
  kept(): Taken[] {
    const lumpMs = this.lengthMs / KEPT_PARTS;
    const lumps = new Map<number, Taken>();
    for (const { atMs, amount } of this.#all()) {
      const lump = Math.floor(atMs / lumpMs);
      lumps.set(lump, { atMs, amount: amount + (lumps.get(lump)?.amount ?? 0) });
    }
    return [...lumps.values()];
  }

  /** Adds what was kept of an earlier process to what was taken since. */
  restore(kept: readonly Taken[], now: number): void {
    const all = [...kept, ...this.#all()].toSorted((a, b) => a.atMs - b.atMs);
    this.#count = 0;
    this.#used = 0;
    for (const { atMs, amount } of all) if (amount > 0) this.#put(atMs, amount);
    this.#forget(now);
  }

  *#all(): Generator<Taken> {
    for (let place = 0; place < this.#count; place += 1) {
      const amount = this.#amountAt(place);
      if (amount > 0) yield { atMs: this.#takenMs(place), amount };
    }
  }

  /** Where the clock was put back, it is as if it stood still until then. */
  #put(now: number, amount: number): void {
    const newest = this.#count - 1;
    const atMs = newest < 0 ? now : Math.max(now, this.#takenMs(newest));
    let place = newest;
    if (newest < 0 || this.#partOf(atMs) !== this.#partOf(this.#takenMs(newest))) {
      place = this.#count;
      if (WIDTH * place === this.#ring.length) this.#grow();
      this.#count += 1;
      this.#ring[this.#indexOf(place) + 1] = 0;
    }
    this.#ring[this.#indexOf(place)] = atMs;
    this.#add(place, amount);
  }

  #forget(now: number): void {
    while (this.#count > 0 && this.#takenMs(0) + this.lengthMs <= now) {
      this.#used -= this.#amountAt(0);
      this.#oldest = (this.#oldest + WIDTH) & (this.#ring.length - 1);
      this.#count -= 1;
    }
  }

  #grow(): void {
    const { length } = this.#ring;
    const room = Array.from({ length: Math.max(WIDTH, length) }, () => 0);
    this.#ring = [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest), ...room];
    this.#oldest = 0;
  }

  #add(place: number, amount: number): void {
    const index = this.#indexOf(place) + 1;
    this.#ring[index] = (this.#ring[index] ?? 0) + amount;
    this.#used += amount;
  }

  #takenMs(place: number): number {
    return this.#ring[this.#indexOf(place)] ?? 0;
  }

  #amountAt(place: number): number {
    return this.#ring[this.#indexOf(place) + 1] ?? 0;
  }

  #indexOf(place: number): number {
    return (this.#oldest + WIDTH * place) & (this.#ring.length - 1);
  }

  #partOf(atMs: number): number {
    return Math.floor((atMs * PARTS) / this.lengthMs);
  }
}
