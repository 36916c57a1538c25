import { LatencyDigest } from "./latency-digest.ts";
import type { RequestRecord } from "./records.ts";

/** Latencies and shares are of the present window and the one before. */
const WINDOW_MS = 5 * 60_000;

/** Outcomes that say nothing against the key. */
const NO_ERROR: ReadonlySet<string> = new Set(["served", "client-error", "abandoned"]);

/** What went over one key since the start of the process. */
export interface KeyTraffic {
  /** Whose answer was this key's. */
  readonly requests: number;
  /** Attempts that were refused or failed, and answers that broke off. */
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Until the first byte of what was served, of late; undefined where nothing was. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  /** Of all requests that were answered of late, from 0 to 1. */
  readonly share: number;
}

class Counts {
  requests = 0;
  errors = 0;
  inputTokens = 0;
  outputTokens = 0;
  recent = 0;
  before = 0;
  readonly latency = new LatencyDigest();
}

/** Counts what the records of requests tell of keys, by their names. */
export class Traffic {
  readonly #byKey = new Map<string, Counts>();
  #windowMs = 0;

  /** @param now  epoch milliseconds */
  count(records: readonly RequestRecord[], now: number): void {
    this.#turn(now);
    for (const record of records) {
      for (const { key, outcome, durationMs } of record.attempts) {
        const counts = this.#of(key);
        if (outcome === "served") counts.latency.add(durationMs);
        else if (!NO_ERROR.has(outcome)) counts.errors += 1;
      }
      if (record.key === "") continue;
      const counts = this.#of(record.key);
      counts.requests += 1;
      counts.recent += 1;
      if (record.error?.includes("upstream") === true) counts.errors += 1;
      counts.inputTokens += record.usage?.inputTokens ?? 0;
      counts.outputTokens += record.usage?.outputTokens ?? 0;
    }
  }

  /** @param names  of the keys that are in use; what is known of others is dropped */
  of(names: readonly string[], now: number): ReadonlyMap<string, KeyTraffic> {
    this.#turn(now);
    const known = new Set(names);
    for (const name of this.#byKey.keys()) if (!known.has(name)) this.#byKey.delete(name);
    let all = 0;
    for (const { recent, before } of this.#byKey.values()) all += recent + before;
    return new Map(
      names.map((name) => {
        const counts = this.#byKey.get(name) ?? new Counts();
        const { requests, errors, inputTokens, outputTokens, latency, recent, before } = counts;
        const share = all === 0 ? 0 : (recent + before) / all;
        const p50Ms = latency.quantile(0.5);
        const p95Ms = latency.quantile(0.95);
        return [name, { requests, errors, inputTokens, outputTokens, p50Ms, p95Ms, share }];
      }),
    );
  }

  #of(name: string): Counts {
    let counts = this.#byKey.get(name);
    if (counts === undefined) {
      counts = new Counts();
      this.#byKey.set(name, counts);
    }
    return counts;
  }

  #turn(now: number): void {
    if (now - this.#windowMs < WINDOW_MS) return;
    // After a long silence both windows are over.
    const times = now - this.#windowMs < 2 * WINDOW_MS ? 1 : 2;
    this.#windowMs = now;
    for (const counts of this.#byKey.values()) {
      for (let turned = 0; turned < times; turned += 1) counts.latency.turn();
      counts.before = times === 1 ? counts.recent : 0;
      counts.recent = 0;
    }
  }
}
