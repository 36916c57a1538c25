import type { Server } from "bun";

import type { Exchange } from "./exchange.ts";
import { Deadline } from "./watchdog.ts";

/** For a client to read its answer, and to close. */
const GIVE_UP_S = 5;

/** Sooner than this nobody misses what is done then. */
const LONG_MS = 50;

/**
 * What has to be done about a request only when it lasts: to hear of it when its client leaves, and to keep
 * Bun from taking a connection for idle whose answer is waited for. A signal with its listener costs
 * more than most of what KeyCycle does, and a request that is over at once needs neither.
 *
 * The signal tells of a client that has left before it was first looked at (measured on Bun 1.4.5).
 */
export class LongRequest extends Deadline {
  readonly #exchange: Exchange;
  readonly #server: Server<unknown>;

  constructor(exchange: Exchange, server: Server<unknown>) {
    super(exchange.arrivedMs + LONG_MS);
    this.#exchange = exchange;
    this.#server = server;
  }

  override expire(): void {
    const exchange = this.#exchange;
    const leave = () => {
      exchange.clientGone = true;
      exchange.abort?.abort();
    };
    const { signal } = exchange.request;
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave);
    // From here on there are deadlines of our own for all that is waited for.
    this.#server.timeout(exchange.request, 0);
  }

  /** The request is answered before it is there to its end: what still comes of it is waited for no longer. */
  giveUpReading(): void {
    this.#server.timeout(this.#exchange.request, GIVE_UP_S);
  }
}
