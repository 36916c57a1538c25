import type { Arrived } from "./by-client.ts";
import { FairQueue } from "./fair-queue.ts";
import { Tickets } from "./tickets.ts";

/** All who want a key of one pool and found none: those who wait, and those who are to come back. */
export class Line<Request extends Arrived> {
  readonly queue = new FairQueue<Request>();
  readonly tickets = new Tickets();
  /** Since when somebody waits without a break, epoch milliseconds, and how many of them were served. */
  #sinceMs = 0;
  #served = 0;

  join(client: string, request: Request, now: number): void {
    if (this.queue.size === 0) {
      this.#sinceMs = now;
      this.#served = 0;
    }
    this.queue.push(client, request);
  }

  /** Takes the one whose turn it is. */
  serve(): void {
    this.queue.shift();
    this.#served += 1;
  }

  /**
   * How many have their turn before a request of a client: all of its own that came before, and of every
   * other client as many as are taken in turn until then. Of those who are to come back, as many count as
   * mostly do.
   *
   * @param sinceMs  when the request first came, epoch milliseconds
   */
  ahead(client: string, sinceMs: number): number {
    const own = this.#countUntil(client, sinceMs);
    let ahead = own;
    for (const other of new Set([...this.queue.clients(), ...this.tickets.clients()])) {
      if (other !== client) ahead += Math.min(own + 1, this.#countUntil(other, Number.POSITIVE_INFINITY));
    }
    return Math.ceil(ahead);
  }

  /** Of a request, on average, this one included. */
  meanTokens(tokens: number): number {
    return (this.queue.tokens + this.tickets.tokens + tokens) / (this.queue.size + this.tickets.size + 1);
  }

  #countUntil(client: string, sinceMs: number): number {
    return (
      this.queue.countUntil(client, sinceMs) + this.tickets.share * this.tickets.countUntil(client, sinceMs)
    );
  }

  /** How long one of the line took so far, in milliseconds; 0 where none was served yet, which tells nothing. */
  msEach(now: number): number {
    return this.#served === 0 || this.queue.size === 0 ? 0 : (now - this.#sinceMs) / this.#served;
  }
}
