import { type Arrival, MEAN_TOKENS, poissonArrivals, seeded } from "./goodput-arrivals.ts";

export type LimitKind = "token-bucket" | "fixed-window";
export type Incident = "none" | "key-dies" | "upstream-fails";

export interface Scenario {
  readonly kind: LimitKind;
  /** The upstream tells its limits in headers. */
  readonly headers: boolean;
  /** Offered requests as a part of the joint capacity before any incident. */
  readonly load: number;
  /** What happens at half-time. */
  readonly incident: Incident;
  /** Limits count tokens of varied requests, not requests. */
  readonly tokens: boolean;
  readonly windowMs: number;
  /** The first is for learning and reported apart. */
  readonly windows: number;
  /** Requests a window of the smallest key. */
  readonly unit: number;
  readonly seed: number;
}

/** KeyCycle's default `maxWait`. */
export const MAX_WAIT_MS = 15_000;

/** The limits of the six keys, in units. */
const RATIOS = [1, 2, 2, 4, 8, 16] as const;

/** The key of 4 units dies; the upstream that fails has one of 2 and the one of 8. */
const DYING = 3;
const FAILING: ReadonlySet<number> = new Set([2, 4]);

export interface BenchKey {
  readonly name: string;
  readonly secret: string;
  /** Requests, or tokens, a window. */
  readonly limit: number;
  /** Which of the two simulators it belongs to. */
  readonly upstream: 0 | 1;
  /** Serves nothing from half-time on. */
  readonly failsMidway: boolean;
}

export function keysOf({ unit, tokens, incident }: Scenario): BenchKey[] {
  return RATIOS.map((ratio, index) => ({
    name: `k${index + 1}x${ratio}`,
    secret: `sk-goodput-${index + 1}x${ratio}-0123456789abcdef`,
    limit: Math.round(ratio * unit * (tokens ? MEAN_TOKENS : 1)),
    upstream: incident === "upstream-fails" && FAILING.has(index) ? 1 : 0,
    failsMidway:
      (incident === "key-dies" && index === DYING) || (incident === "upstream-fails" && FAILING.has(index)),
  }));
}

export function durationMs({ windows, windowMs }: Scenario): number {
  return windows * windowMs;
}

/** Milliseconds since the start. */
export function incidentAtMs(scenario: Scenario): number {
  return durationMs(scenario) / 2;
}

/** What all keys together may serve from the end of the warm-up on, the incident taken into account. */
export function measuredCapacity(scenario: Scenario): number {
  const untilMs = durationMs(scenario);
  return keysOf(scenario).reduce((sum, { limit, failsMidway }) => {
    const endMs = failsMidway ? Math.max(scenario.windowMs, incidentAtMs(scenario)) : untilMs;
    return sum + (limit * (endMs - scenario.windowMs)) / scenario.windowMs;
  }, 0);
}

/**
 * The requests of a run. Over the joint capacity the warm-up has a rush besides, which fills the queue of
 * whoever lets requests wait: at 1.2 it would take 75 s until the first had waited its `maxWait` in vain.
 */
export function arrivalsOf(scenario: Scenario): Arrival[] {
  const { load, windowMs, windows, seed } = scenario;
  const random = seeded(seed);
  const count = Math.round(load * windows * jointRequests(scenario));
  const steady = poissonArrivals(count, durationMs(scenario), random);
  if (load <= 1) return steady;
  const waiting = Math.round((jointRequests(scenario) * MAX_WAIT_MS) / windowMs);
  return [...steady, ...poissonArrivals(waiting, windowMs, random)].toSorted((a, b) => a.atMs - b.atMs);
}

/** What all keys serve together in one window, in requests (of mean size). */
export function jointRequests({ unit }: Scenario): number {
  return unit * RATIOS.reduce((sum, ratio) => sum + ratio, 0);
}

/** The load while it is heaviest: after the incident. */
export function heaviestLoad(scenario: Scenario): number {
  const keys = keysOf(scenario);
  const total = (some: readonly BenchKey[]) => some.reduce((sum, { limit }) => sum + limit, 0);
  return (scenario.load * total(keys)) / total(keys.filter((key) => !key.failsMidway));
}

/**
 * Buckets start as they would be found in a steady state: nearly full below the joint capacity, empty
 * above it. Full ones would feed an overload of 1.2 for five windows.
 */
export function startsDrained({ kind, load }: Scenario): boolean {
  return kind === "token-bucket" && load > 1;
}

export function nameOf({ kind, headers, load, incident, tokens }: Scenario): string {
  const parts = [kind, headers ? "headers" : "no headers", `load ${load}`];
  if (tokens) parts.push("tokens");
  if (incident !== "none") parts.push(incident);
  return parts.join(", ");
}
