import { type Arrived, ByClient } from "./by-client.ts";

/** What a request that was turned away was told: come back then, and it is as if you had waited. */
export interface Ticket extends Arrived {
  /** By which the request is known again; the same for equal ones of a client. */
  readonly mark: string;
  readonly issuedMs: number;
  /** Epoch milliseconds. */
  readonly dueMs: number;
}

/** How long before its time a client may be back, since clocks differ, and how long after. */
const EARLY_MS = 250;
const LATE_MS = 5_000;

/**
 * Equal requests within this time are several of the same; one that comes later, and before its time, is
 * one that does not keep to what it was told.
 */
const TWINS_WITHIN_MS = 1_000;

/** More are not kept: whoever comes back then has its place as a new one. */
const MAX_TICKETS = 10_000;

const SWEEP_EVERY_MS = 1_000;

/** Weight of one that came back, or did not, beside those before. */
const SHARE_GAIN = 0.02;

/** The requests that are to come back, for one pool. */
export class Tickets {
  readonly #byClient = new ByClient<Ticket>();
  /** By client and mark. */
  readonly #equals = new Map<string, Ticket[]>();
  #sweptMs = 0;
  #share = 1;

  get size(): number {
    return this.#byClient.size;
  }

  get tokens(): number {
    return this.#byClient.tokens;
  }

  /** The part of those who were told to come back that does, of late. */
  get share(): number {
    return this.#share;
  }

  clients(): Iterable<string> {
    return this.#byClient.clients();
  }

  /** How many of a client's first came until an instant, epoch milliseconds, and in it. */
  countUntil(client: string, sinceMs: number): number {
    return this.#byClient.countUntil(client, sinceMs);
  }

  /**
   * @param notBeforeMs  before which no key is free, epoch milliseconds
   * @returns when to come back, epoch milliseconds: as was said already where it comes before its time
   */
  issue(client: string, ticket: Ticket, notBeforeMs = 0): number {
    const { issuedMs, mark } = ticket;
    const equals = this.#equals.get(idOf(client, mark)) ?? [];
    const known = equals.filter(({ dueMs }) => dueMs > issuedMs);
    if (known.some((one) => issuedMs - one.issuedMs > TWINS_WITHIN_MS)) {
      for (const one of known) if (one.dueMs < notBeforeMs) this.#postpone(client, one, notBeforeMs);
      return Math.max(notBeforeMs, Math.min(...known.map(({ dueMs }) => dueMs)));
    }
    if (this.#byClient.size >= MAX_TICKETS) return ticket.dueMs;
    this.#add(client, ticket);
    return ticket.dueMs;
  }

  /**
   * Takes the ticket of a request that is back.
   *
   * @returns when it first came, epoch milliseconds; undefined where it is a new one, or comes too early
   */
  redeem(client: string, mark: string, now: number): number | undefined {
    this.sweep(now);
    const equals = this.#equals.get(idOf(client, mark));
    const ticket = equals?.find(({ dueMs }) => dueMs - EARLY_MS <= now);
    if (ticket === undefined) return undefined;
    this.#remove(client, ticket);
    this.#share += SHARE_GAIN * (1 - this.#share);
    return ticket.sinceMs;
  }

  /** Forgets who did not come back. */
  sweep(now: number): void {
    if (now - this.#sweptMs < SWEEP_EVERY_MS) return;
    this.#sweptMs = now;
    for (const client of this.#byClient.clients()) {
      for (const ticket of this.#byClient.of(client).filter(({ dueMs }) => dueMs + LATE_MS < now)) {
        this.#remove(client, ticket);
        this.#share -= SHARE_GAIN * this.#share;
      }
    }
  }

  #add(client: string, ticket: Ticket): void {
    const id = idOf(client, ticket.mark);
    this.#byClient.push(client, ticket);
    this.#equals.set(id, [...(this.#equals.get(id) ?? []), ticket]);
  }

  /** It keeps its place, though the keys were limited for longer since. */
  #postpone(client: string, ticket: Ticket, dueMs: number): void {
    this.#remove(client, ticket);
    this.#add(client, { ...ticket, dueMs });
  }

  #remove(client: string, ticket: Ticket): void {
    this.#byClient.remove(client, ticket);
    const id = idOf(client, ticket.mark);
    const equals = this.#equals.get(id)?.filter((one) => one !== ticket) ?? [];
    if (equals.length === 0) this.#equals.delete(id);
    else this.#equals.set(id, equals);
  }
}

function idOf(client: string, mark: string): string {
  return `${mark} ${client}`;
}
