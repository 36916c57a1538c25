import { FixedWindow, TokenBucket } from "../../src/demo/limits.ts";
import type { Outcome } from "../../src/providers/outcome.ts";
import type { ToldLimits } from "../../src/providers/told-limits.ts";
import { learn } from "../../src/rotation/learn.ts";
import { Line } from "../../src/rotation/line.ts";
import { soonest } from "../../src/rotation/outlook.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { release, type Reservation, reserve, settle } from "../../src/rotation/reserve.ts";
import { headroom } from "../../src/rotation/strategies/headroom.ts";
import { whenServed } from "../../src/rotation/supply.ts";
import { keyWith, NOW, seededRandom } from "./rotation-key.ts";

/** A minute of the simulated provider. */
const WINDOW_MS = 10_000;
const LATENCY_MS = 20;
const MAX_WAIT_MS = 15_000;
const MODEL = "gpt-4o";
/** Limits of the keys, in units of ten requests a window. */
const RATIOS = [1, 2, 2, 4, 8, 16];
const UNIT = 10;

export interface Simulation {
  readonly kind: "token-bucket" | "fixed-window";
  /** The provider tells its limits in headers. */
  readonly headers: boolean;
  /** Of the joint capacity. */
  readonly load: number;
  /** Limits count tokens, of requests that vary 100:1; else requests. */
  readonly tokens: boolean;
  readonly windows: number;
  readonly seed: number;
}

/** In percent, after the first window. */
export interface Simulated {
  readonly succeeded: number;
  /** Of attempts. */
  readonly refused: number;
  /** Of the joint capacity, used. */
  readonly goodput: number;
  readonly p99WaitMs: number;
}

interface Request {
  readonly sinceMs: number;
  readonly tokens: number;
}

/** Its moment, and what happens then. */
type Event = readonly [atMs: number, happen: () => void];

/** Six keys under strict limits that nobody told, and requests that come as Poisson has it, with a driven clock. */
export function simulate({ kind, headers, load, tokens, windows, seed }: Simulation): Simulated {
  const random = seededRandom(seed);
  const meanTokens = (80 * 99) / Math.log(100);
  const Limit = kind === "token-bucket" ? TokenBucket : FixedWindow;
  const keys = RATIOS.map((_ratio, index) => keyWith({ name: `key-${index}` }));
  const limits = new Map(
    keys.map((key, index) => {
      const limit = Math.round((RATIOS[index] ?? 0) * UNIT * (tokens ? meanTokens : 1));
      return [key.state, new Limit(limit, WINDOW_MS)];
    }),
  );
  const pool = createPool(MODEL, keys);
  const line = new Line<Request & { end: (isServed: boolean) => void }>();
  const tried = { keys: new Set<never>(), failedUpstreams: new Set<never>() };
  const untilMs = NOW + windows * WINDOW_MS;
  const measuredFromMs = NOW + WINDOW_MS;
  const capacity =
    (windows - 1) * UNIT * RATIOS.reduce((sum, ratio) => sum + ratio, 0) * (tokens ? meanTokens : 1);
  const count = { offered: 0, served: 0, attempts: 0, refused: 0, used: 0 };
  const waits: number[] = [];
  const events: Event[] = [];
  let now = NOW;
  let nextLookMs = Number.POSITIVE_INFINITY;

  const at = (atMs: number, happen: () => void) => {
    let index = events.length;
    while (index > 0 && (events[index - 1]?.[0] ?? 0) <= atMs) index -= 1;
    events.splice(index, 0, [atMs, happen]);
  };
  const tryPick = (request: Request): Reservation | undefined => {
    const key = pick(pool, headroom, { tokens: request.tokens, tried }, now, random);
    return key && reserve(key, MODEL, request.tokens, now);
  };
  const told = (reservation: Reservation): ToldLimits | undefined => {
    const limit = limits.get(reservation.key.state);
    if (limit === undefined || !headers) return undefined;
    const gauge = {
      limit: limit.limit,
      remaining: Math.floor(limit.available(now)),
      fullInMs: limit.fullInMs(now),
    };
    return tokens ? { requests: undefined, tokens: gauge } : { requests: gauge, tokens: undefined };
  };
  const send = (request: Request, reservation: Reservation) => {
    const limit = limits.get(reservation.key.state);
    const amount = tokens ? request.tokens : 1;
    const waitMs = limit?.waitMs(amount, now) ?? 0;
    const isMeasured = now >= measuredFromMs && now < untilMs;
    if (isMeasured) count.attempts += 1;
    if (waitMs > 0) {
      if (isMeasured) count.refused += 1;
      const outcome: Outcome = {
        kind: "limited",
        scope: "model",
        retryAfterMs: waitMs,
        ...(tokens ? { counts: "tokens" } : {}),
      };
      const limitsTold = told(reservation);
      at(now + LATENCY_MS, () => {
        end(reservation, outcome, limitsTold);
        find(request);
      });
      return;
    }
    limit?.take(amount, now);
    if (isMeasured) count.used += amount;
    if (request.sinceMs >= measuredFromMs) {
      count.served += 1;
      waits.push(now - request.sinceMs);
    }
    const limitsTold = told(reservation);
    at(now + LATENCY_MS, () => end(reservation, { kind: "served" }, limitsTold));
  };
  const end = (reservation: Reservation, outcome: Outcome, limitsTold: ToldLimits | undefined) => {
    settle(reservation, outcome, limitsTold, now);
    learn(reservation.key.state, MODEL, outcome, now, random);
    release(reservation, undefined, now);
    look();
  };
  const find = (request: Request) => {
    const reservation = line.queue.size > 0 ? undefined : tryPick(request);
    if (reservation !== undefined) return send(request, reservation);
    const deadlineMs = request.sinceMs + MAX_WAIT_MS;
    const turnMs = whenServed(
      pool,
      line.ahead("", request.sinceMs) + 1,
      line.meanTokens(request.tokens),
      now,
    );
    if (line.queue.size > 0 && turnMs > deadlineMs) return;
    if (soonest(pool, { tokens: request.tokens, tried }, now) > deadlineMs) return;
    let isWaiting = true;
    const waiting = { ...request, end: () => void (isWaiting = false) };
    line.join("", waiting, now);
    at(deadlineMs, () => {
      if (!isWaiting) return;
      line.queue.remove("", waiting);
      look();
    });
    look();
  };
  const look = () => {
    for (let next = line.queue.peek(); next !== undefined; next = line.queue.peek()) {
      const reservation = tryPick(next);
      if (reservation === undefined) {
        const readyMs = Math.max(now + 1, soonest(pool, { tokens: next.tokens, tried }, now));
        if (readyMs >= nextLookMs || readyMs === Number.POSITIVE_INFINITY) return;
        nextLookMs = readyMs;
        at(readyMs, () => {
          nextLookMs = Number.POSITIVE_INFINITY;
          look();
        });
        return;
      }
      line.serve();
      next.end(true);
      send(next, reservation);
    }
  };

  const perWindow = UNIT * RATIOS.reduce((sum, ratio) => sum + ratio, 0);
  const arrive = (untilWindow: number) => {
    const sinceMs = Math.floor(NOW + random() * untilWindow * WINDOW_MS);
    const size = Math.round(80 * 100 ** random());
    at(sinceMs, () => {
      if (sinceMs >= measuredFromMs) count.offered += 1;
      find({ sinceMs, tokens: size });
    });
  };
  for (let index = 0; index < load * windows * perWindow; index += 1) arrive(windows);
  if (load > 1) {
    // As an overload that has been going on: nothing is saved up, and the line is full.
    if (kind === "token-bucket") for (const limit of limits.values()) limit.take(limit.limit, NOW);
    for (let index = 0; index < (perWindow * MAX_WAIT_MS) / WINDOW_MS; index += 1) arrive(1);
  }
  for (let event = events.pop(); event !== undefined; event = events.pop()) {
    now = event[0];
    event[1]();
  }
  waits.sort((a, b) => a - b);
  return {
    succeeded: (100 * count.served) / count.offered,
    refused: (100 * count.refused) / Math.max(1, count.attempts),
    goodput: (100 * count.used) / capacity,
    p99WaitMs: waits[Math.floor(waits.length * 0.99)] ?? 0,
  };
}
