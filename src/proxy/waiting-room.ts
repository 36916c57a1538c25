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
  readonly client: string;
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
 * moment that a key can serve the first of it, and nobody who comes later overtakes. Pools share keys, so
 * clients take turns over all lines: a flood for one model does not starve a request for another.
 */
export class WaitingRoom {
  /** As long as their pools, since those who are to come back are remembered while nobody waits. */
  readonly #lines = new WeakMap<object, Line<Place>>();
  /** The lines in which somebody waits, by their pools. */
  readonly #waiting = new Map<object, Line<Place>>();
  /** When each client was served last, counted in requests served. */
  readonly #lastTurns = new Map<string, number>();
  readonly #deadlines: Deadlines;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #served = 0;
  #size = 0;

  constructor(deadlines: Deadlines = { watch, unwatch }) {
    this.#deadlines = deadlines;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether somebody waits for a pool. */
  hasLine(pool: object): boolean {
    return this.#waiting.has(pool);
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
        client: waiter.client,
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
          this.#serve();
        },
        readyAt: (now) => waiter.readyAt(now),
      };
      const { leave } = place;
      const deadline = new Alarm(waiter.deadlineMs, leave);
      this.#deadlines.watch(deadline);
      signal.addEventListener("abort", leave);
      line.join(waiter.client, place, Date.now());
      this.#waiting.set(pool, line);
      // Behind others it changes nothing.
      if (line.queue.peek() === place) this.#serve();
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
    for (const { queue } of this.#waiting.values()) {
      for (const each of queue.clients()) {
        const list = queue.of(each);
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
    if (this.#size > 0) this.#serve();
  }

  /** Serves who can be served, one of each client in turn, and looks again when the next one can be. */
  #serve(): void {
    clearTimeout(this.#timer);
    const inTurn = [...this.#waiting.values()].map((line) => this.#entryOf(line)).toSorted(byTurn);
    for (const { line, turn } of inTurn) {
      const first = line.queue.peek();
      if (first === undefined) continue;
      // Its client was served from another line meanwhile.
      if (this.#lastTurnOf(first) > turn) inTurn.push(this.#entryOf(line));
      else if (first.tryServe()) {
        line.serve();
        this.#served += 1;
        this.#lastTurns.set(first.client, this.#served);
        inTurn.push(this.#entryOf(line));
      }
    }
    for (const [pool, { queue }] of this.#waiting) if (queue.size === 0) this.#waiting.delete(pool);
    this.#lookAgain();
  }

  #entryOf(line: Line<Place>): Entry & { readonly line: Line<Place> } {
    const first = line.queue.peek();
    return { line, turn: first === undefined ? 0 : this.#lastTurnOf(first), sinceMs: first?.sinceMs ?? 0 };
  }

  #lastTurnOf({ client }: Place): number {
    return this.#lastTurns.get(client) ?? 0;
  }

  #lookAgain(): void {
    if (this.#waiting.size === 0) return;
    const now = Date.now();
    let soonestMs = now + MAX_SLEEP_MS;
    for (const { queue } of this.#waiting.values())
      soonestMs = Math.min(soonestMs, queue.peek()?.readyAt(now) ?? soonestMs);
    this.#timer = setTimeout(() => this.#serve(), Math.max(1, soonestMs - now));
  }
}

interface Entry {
  /** When its first one's client was served last. */
  readonly turn: number;
  /** When its first one came, epoch milliseconds. */
  readonly sinceMs: number;
}

function byTurn(a: Entry, b: Entry): number {
  return a.turn - b.turn || a.sinceMs - b.sinceMs;
}
