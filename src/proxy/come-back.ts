import { NOTHING_TRIED } from "../rotation/look.ts";
import { soonest } from "../rotation/outlook.ts";
import type { Pool } from "../rotation/pool.ts";
import { whenServed } from "../rotation/supply.ts";
import type { UpstreamRequest } from "./attempt.ts";
import type { Exchange } from "./exchange.ts";
import type { UpstreamKey } from "./runtime.ts";
import { Upload } from "./upload.ts";

/** Who has others ahead of it is told to be back so long before its turn, so as to be in the line when it comes. */
const LEAD_MS = 250;

/** What tells the requests of one conversation apart stands at their end. */
const TAIL_BYTES = 4_096;

/** A request that wants a key of a pool. */
export interface Wanting {
  readonly exchange: Exchange;
  readonly pool: Pool<UpstreamKey>;
  readonly body: UpstreamRequest["body"];
  /** That it is likely to count against a limit. */
  readonly tokens: number;
  /** When it first came, epoch milliseconds: before its arrival where it was turned away, and is back. */
  readonly sinceMs: number;
}

/** When a request first came, epoch milliseconds; takes back what it was told where it was turned away. */
export function firstCame(
  exchange: Exchange,
  pool: Pool<UpstreamKey>,
  body: UpstreamRequest["body"],
): number {
  const tickets = exchange.runtime.waiting.lineOf(pool)?.tickets;
  if (tickets === undefined || tickets.size === 0) return exchange.arrivedMs;
  return tickets.redeem(exchange.client, markOf(exchange, body), exchange.arrivedMs) ?? exchange.arrivedMs;
}

/**
 * When the turn of a request comes, as far as it is told by the limits of the keys, epoch milliseconds;
 * `now` where nobody is ahead of it, or the keys have no limits that are known.
 *
 * @param isHopeful  as `whenServed`
 */
export function turnAt({ exchange, pool, tokens, sinceMs }: Wanting, now: number, isHopeful = false): number {
  const line = exchange.runtime.waiting.lineOf(pool);
  const ahead = line?.ahead(exchange.client, sinceMs) ?? 0;
  if (line === undefined || ahead === 0) return now;
  return whenServed(pool, ahead + 1, line.meanTokens(tokens), now, isHopeful);
}

/**
 * When a request that is turned away is to come back, in milliseconds from now: when its turn comes, or a
 * little before that where others are ahead of it.
 *
 * @param recoversInMs  until the first key has room, in milliseconds
 */
export function turnIn(wanting: Wanting, recoversInMs: number, now: number): number {
  const { exchange, pool, sinceMs } = wanting;
  const { waiting, config } = exchange.runtime;
  const line = waiting.lineOf(pool);
  const ahead = line?.ahead(exchange.client, sinceMs) ?? 0;
  if (line === undefined || ahead === 0) return Math.ceil(recoversInMs);
  const toldMs = turnAt(wanting, now);
  // Where no limit tells, the pace of the line does.
  const turnMs = toldMs > now ? toldMs - now : (ahead + 1) * line.msEach(now);
  const inMs = Number.isFinite(turnMs) ? Math.max(recoversInMs, turnMs) : recoversInMs;
  return Math.max(1, Math.ceil(inMs - Math.min(LEAD_MS, config.rotation.maxWaitMs / 2)));
}

/**
 * Keeps the turn of a request that is turned away: all who come later are told of times after it, and when
 * it is back it has its turn before them.
 *
 * @param inMs  as `turnIn` has it
 * @returns the same; less where the request was told so before and does not wait for it
 */
export function keepTurn(wanting: Wanting, inMs: number, now: number): number {
  const { exchange, pool, body, tokens, sinceMs } = wanting;
  const { tickets } = exchange.runtime.waiting.openLine(pool);
  const mark = markOf(exchange, body);
  const ticket = { mark, sinceMs, tokens, issuedMs: now, dueMs: now + inMs };
  const freeMs = soonest(pool, { tokens, tried: NOTHING_TRIED }, now);
  return tickets.issue(exchange.client, ticket, Number.isFinite(freeMs) ? freeMs - LEAD_MS : 0) - now;
}

/** By what a request is known when it is back: the same for the same bytes to the same path. */
function markOf({ path, query, id }: Exchange, body: UpstreamRequest["body"]): string {
  // Most of an upload may not be there yet: nothing tells whether it is the same again.
  if (body instanceof Upload) return id;
  if (body === undefined) return path + query;
  return `${path}${query} ${body.length} ${Bun.hash(body.subarray(-TAIL_BYTES))}`;
}
