import { FairQueue } from "../rotation/fair-queue.ts";
import { Alarm, unwatch, watch } from "./watchdog.ts";

/** A request that waits for a key. */
export interface Waiter<Taken> {
  readonly client: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  /** Takes a key where one can serve now. */
  tryPick(now: number): Taken | undefined;
  /** When the first key can serve, as far as is known, epoch milliseconds. */
  readyAt(now: number): number;
}

/** One in a line. */
interface Place {
  /** @returns whether it was served */
  tryServe(): boolean;
  readyAt(now: number): number;
}

interface Line {
  readonly queue: FairQueue<Place>;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Since when the line exists, epoch milliseconds, and how many it has seen served. */
  readonly sinceMs: number;
  served: number;
}

/** Longest time until another look, where nothing is known of when a key recovers. */
const MAX_SLEEP_MS = 1_000;

/**
 * Where requests wait when every key is limited. Requests for one pool form a line; a wait ends the
 * moment that a key can serve the first of it, and nobody who comes later overtakes.
 */
export class WaitingRoom {
  readonly #lines = new Map<object, Line>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  hasLine(pool: object): boolean {
    return this.#lines.has(pool);
  }

  /**
   * @param signal  ends the wait, as when the client goes away
   * @returns what it took; undefined when the deadline passed or the wait was ended
   */
  async wait<Taken>(pool: object, waiter: Waiter<Taken>, signal: AbortSignal): Promise<Taken | undefined> {
    const line = this.#lineOf(pool);
    this.#size += 1;
    return await new Promise((resolve) => {
      const end = (taken: Taken | undefined) => {
        unwatch(deadline);
        signal.removeEventListener("abort", leave);
        this.#size -= 1;
        resolve(taken);
      };
      const place: Place = {
        tryServe() {
          const taken = waiter.tryPick(Date.now());
          if (taken !== undefined) end(taken);
          return taken !== undefined;
        },
        readyAt: (now) => waiter.readyAt(now),
      };
      const leave = () => {
        line.queue.remove(waiter.client, place);
        end(undefined);
        this.#serve(pool, line);
      };
      const deadline = new Alarm(waiter.deadlineMs, leave);
      watch(deadline);
      signal.addEventListener("abort", leave);
      line.queue.push(waiter.client, place);
      this.#serve(pool, line);
    });
  }

  /** How long the line of a pool takes at the pace that it had so far, in milliseconds; 0 where there is none. */
  lengthMs(pool: object, now: number): number {
    const line = this.#lines.get(pool);
    // A line that has not moved yet tells nothing of its pace.
    if (line === undefined || line.served === 0) return 0;
    return (line.queue.size * (now - line.sinceMs)) / line.served;
  }

  /** Something has become free: looks at all lines. */
  poke(): void {
    if (this.#size === 0) return;
    for (const [pool, line] of this.#lines) this.#serve(pool, line);
  }

  #lineOf(pool: object): Line {
    let line = this.#lines.get(pool);
    if (line === undefined) {
      line = { queue: new FairQueue(), timer: undefined, sinceMs: Date.now(), served: 0 };
      this.#lines.set(pool, line);
    }
    return line;
  }

  #serve(pool: object, line: Line): void {
    clearTimeout(line.timer);
    line.timer = undefined;
    let next = line.queue.peek();
    while (next?.tryServe() === true) {
      line.queue.shift();
      line.served += 1;
      next = line.queue.peek();
    }
    if (next === undefined) {
      this.#lines.delete(pool);
      return;
    }
    const now = Date.now();
    const sleepMs = Math.min(MAX_SLEEP_MS, Math.max(1, next.readyAt(now) - now));
    line.timer = setTimeout(() => this.#serve(pool, line), sleepMs);
  }
}
