import { FixedWindow, TokenBucket } from "../../src/demo/limits.ts";
import type { Arrival } from "./goodput-arrivals.ts";
import { incidentAtMs, keysOf, MAX_WAIT_MS, type Scenario, startsDrained } from "./goodput-scenario.ts";

export interface Placed {
  readonly arrival: Arrival;
  /** undefined: turned away. */
  readonly waitMs: number | undefined;
}

/**
 * What a rotator that knows every key's limit and state at every moment could do, in no time: first come
 * first served, each request on the key that is fullest for its size, since a full bucket wastes its refill.
 * It does not see an incident coming.
 */
export function bestPossible(scenario: Scenario, arrivals: readonly Arrival[]): Placed[] {
  const Meter = scenario.kind === "token-bucket" ? TokenBucket : FixedWindow;
  const keys = keysOf(scenario).map(({ limit, failsMidway }) => ({
    meter: new Meter(limit, scenario.windowMs),
    untilMs: failsMidway ? incidentAtMs(scenario) : Number.POSITIVE_INFINITY,
  }));
  if (startsDrained(scenario)) for (const { meter } of keys) meter.take(meter.limit, 0);

  let lastMs = 0;
  return arrivals.map((arrival) => {
    const amount = scenario.tokens ? arrival.tokens : 1;
    let nowMs = Math.max(lastMs, arrival.atMs);
    for (;;) {
      if (nowMs - arrival.atMs > MAX_WAIT_MS) return { arrival, waitMs: undefined };
      const alive = keys.filter(({ untilMs }) => nowMs < untilMs).map(({ meter }) => meter);
      const at = nowMs;
      const waitMs = Math.min(...alive.map((meter) => meter.waitMs(amount, at)));
      if (waitMs > 0) {
        nowMs += waitMs;
        continue;
      }
      const free = alive.filter((meter) => meter.waitMs(amount, at) === 0);
      free.sort((a, b) => b.available(at) / b.limit - a.available(at) / a.limit)[0]?.take(amount, nowMs);
      lastMs = nowMs;
      return { arrival, waitMs: nowMs - arrival.atMs };
    }
  });
}
