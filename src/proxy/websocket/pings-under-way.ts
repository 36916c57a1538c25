/** More than this are not remembered: a pong answers the latest ping, and all before it (RFC 6455 §5.5.3). */
const MAX_PINGS = 16;

/**
 * The pings that were passed on and are still to be answered. Bun pings clients by itself, and a client may
 * send pongs that nobody asked for: neither is the upstream's business.
 */
export class PingsUnderWay {
  readonly #payloads: string[] = [];

  add(data: Buffer): void {
    if (this.#payloads.length === MAX_PINGS) this.#payloads.shift();
    this.#payloads.push(data.toString("latin1"));
  }

  /** Whether a pong with this payload answers one of them; those before it need no answer any more. */
  answeredBy(data: Buffer): boolean {
    const index = this.#payloads.indexOf(data.toString("latin1"));
    this.#payloads.splice(0, index + 1);
    return index >= 0;
  }
}
