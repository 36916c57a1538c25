import type { Arrived } from "../rotation/by-client.ts";
import { Line } from "../rotation/line.ts";
import { Alarm, type Deadline, unwatch, watch } from "./watchdog.ts";

/** A request that waits for a key. */
export interface Waiter<Taken> extends Arrived {
  readonly client: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  /** Takes a key where one can serve now. */
  tryPick(now: number): Taken | undefined;
  /** When the first key can serve, as far as is known, epoch milliseconds. */
  readyAt(now: number): number;
}

/** One in a line. */
interface Place extends Arrived {
  /** @returns whether it was served */
  tryServe(): boolean;
  /** Its wait ends, unserved. */
  leave(): void;
  readyAt(now: number): number;
}

/** Who tells that a deadline has passed. */
interface Deadlines {
  watch(deadline: Deadline): void;
  unwatch(deadline: Deadline): void;
}

/** Longest time until another look, where nothing is known of when a key recovers. */
const MAX_SLEEP_MS = 1_000;

/**
 * Where requests wait when every key is limited. Requests for one pool form a line; a wait ends the
 * moment that a key can serve the first of it, and nobody who comes later overtakes.
 */
export class WaitingRoom {
  /** As long as their pools, since those who are to come back are remembered while nobody waits. */
  readonly #lines = new WeakMap<object, Line<Place>>();
  /** The lines in which somebody waits, and when they are looked at again. */
  readonly #timers = new Map<object, ReturnType<typeof setTimeout>>();
  readonly #deadlines: Deadlines;
  #size = 0;

  constructor(deadlines: Deadlines = { watch, unwatch }) {
    this.#deadlines = deadlines;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether somebody waits for a pool. */
  hasLine(pool: object): boolean {
    return this.#timers.has(pool);
  }

  /** Who waits for a pool or is to come back; undefined where nobody ever had to. */
  lineOf(pool: object): Line<Place> | undefined {
    return this.#lines.get(pool);
  }

  /** As `lineOf`, made where there is none. */
  openLine(pool: object): Line<Place> {
    const line = this.#lines.get(pool) ?? new Line<Place>();
    this.#lines.set(pool, line);
    return line;
  }

  /**
   * @param signal  ends the wait, as when the client goes away
   * @returns what it took; undefined when the deadline passed or the wait was ended
   */
  async wait<Taken>(pool: object, waiter: Waiter<Taken>, signal: AbortSignal): Promise<Taken | undefined> {
    const line = this.openLine(pool);
    this.#size += 1;
    return await new Promise((resolve) => {
      const end = (taken: Taken | undefined) => {
        this.#deadlines.unwatch(deadline);
        signal.removeEventListener("abort", leave);
        this.#size -= 1;
        resolve(taken);
      };
      const place: Place = {
        sinceMs: waiter.sinceMs,
        tokens: waiter.tokens,
        tryServe() {
          const taken = waiter.tryPick(Date.now());
          if (taken !== undefined) end(taken);
          return taken !== undefined;
        },
        leave: () => {
          line.queue.remove(waiter.client, place);
          end(undefined);
          this.#serve(pool, line);
        },
        readyAt: (now) => waiter.readyAt(now),
      };
      const { leave } = place;
      const deadline = new Alarm(waiter.deadlineMs, leave);
      this.#deadlines.watch(deadline);
      signal.addEventListener("abort", leave);
      line.join(waiter.client, place, Date.now());
      this.#serve(pool, line);
    });
  }

  /**
   * Sends away the last of the client that has the most waiting, where that is more than another would have
   * with one more: a place for that one.
   *
   * @returns whether there was one
   */
  makeRoom(client: string): boolean {
    const counts = new Map<string, number>();
    let longest: { readonly client: string; readonly list: readonly Place[] } | undefined;
    for (const pool of this.#timers.keys()) {
      const queue = this.#lines.get(pool)?.queue;
      for (const each of queue?.clients() ?? []) {
        const list = queue?.of(each) ?? [];
        counts.set(each, (counts.get(each) ?? 0) + list.length);
        if (each !== client && list.length > (longest?.list.length ?? 0)) longest = { client: each, list };
      }
    }
    const own = counts.get(client) ?? 0;
    if (longest === undefined || (counts.get(longest.client) ?? 0) <= own + 1) return false;
    longest.list.at(-1)?.leave();
    return true;
  }

  /** Something has become free: looks at all lines. */
  poke(): void {
    if (this.#size === 0) return;
    for (const pool of this.#timers.keys()) {
      const line = this.#lines.get(pool);
      if (line !== undefined) this.#serve(pool, line);
    }
  }

  #serve(pool: object, line: Line<Place>): void {
    clearTimeout(this.#timers.get(pool));
    while (line.queue.peek()?.tryServe() === true) line.serve();
    const next = line.queue.peek();
    if (next === undefined) {
      this.#timers.delete(pool);
      return;
    }
    const now = Date.now();
    const sleepMs = Math.min(MAX_SLEEP_MS, Math.max(1, next.readyAt(now) - now));
    this.#timers.set(
      pool,
      setTimeout(() => this.#serve(pool, line), sleepMs),
    );
  }
}
