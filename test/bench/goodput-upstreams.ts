import { type SimulatedRequest, Simulator } from "../../src/demo/simulator.ts";
import type { Arrival } from "./goodput-arrivals.ts";
import { type BenchKey, keysOf, type Scenario, startsDrained } from "./goodput-scenario.ts";

/** What an answer takes at the simulator. */
export const LATENCY_MS = 20;

export const CHAT_PATH = "/v1/chat/completions";

/** The simulated sentence has eight words, so that output reserved and output used are the same. */
const OUTPUT_TOKENS = 8;
const MODEL = "gpt-4o-mini";

/** One attempt as the upstream saw it. */
export interface SeenAttempt {
  /** Its arrival in milliseconds since the run began. */
  readonly atMs: number;
  /** 0: broken off. */
  readonly status: number;
  readonly tokens: number;
}

/** The strict upstreams of one contender: two of them where one is going to fail. */
export class Upstreams {
  readonly attempts: SeenAttempt[] = [];
  readonly keys: readonly (BenchKey & { readonly url: string })[];
  readonly #simulators: readonly Simulator[];
  readonly #scenario: Scenario;
  /** Moves the simulators' clock so that a window begins with the run. */
  #offsetMs = 0;
  #startedAt = Number.POSITIVE_INFINITY;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const keys = keysOf(scenario);
    const upstreams = new Set(keys.map((key) => key.upstream));
    this.#simulators = [...upstreams].toSorted().map((upstream) =>
      Simulator.start({
        keys: keys.filter((key) => key.upstream === upstream).map((key) => simulated(key, scenario)),
        latencyMs: LATENCY_MS,
        keep: 0,
        now: () => Date.now() + this.#offsetMs,
        onRequest: (request) => this.#see(request),
      }),
    );
    this.keys = keys.map((key) => ({ ...key, url: this.#simulators[key.upstream]!.url }));
  }

  /** To be called at once before `begin`: empties the buckets where the scenario wants that. */
  async prepare(): Promise<void> {
    if (!startsDrained(this.#scenario)) return;
    await Promise.all(this.keys.map((key) => this.#drain(key)));
  }

  /** @param startAt epoch milliseconds */
  begin(startAt: number): void {
    const { windowMs } = this.#scenario;
    this.#startedAt = startAt;
    this.#offsetMs = windowMs - (startAt % windowMs);
  }

  /** The scenario's incident, now. */
  fail(): void {
    if (this.#scenario.incident === "upstream-fails") {
      this.#simulators[1]!.setFaultForAll({ kind: "reset", when: "before-first-byte" });
      return;
    }
    for (const key of this.keys) {
      if (key.failsMidway) this.#simulators[key.upstream]!.setFault(key.secret, { kind: "dead" });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#simulators.map((simulator) => simulator.stop()));
  }

  #see(request: SimulatedRequest): void {
    // Probes (GET /v1/models) take nothing from a limit.
    if (request.method !== "POST") return;
    const atMs = request.at - this.#offsetMs - this.#startedAt;
    if (atMs < 0) return;
    this.attempts.push({ atMs, status: request.status, tokens: request.promptTokens + OUTPUT_TOKENS });
  }

  async #drain({ url, secret, limit }: BenchKey & { readonly url: string }): Promise<void> {
    const bodies = this.#scenario.tokens
      ? [JSON.stringify({ model: MODEL, messages: [], max_tokens: limit - 100 })]
      : Array.from({ length: limit }, () => chatBody({ tokens: 100, id: "" }));
    await Promise.all(
      bodies.map(async (body) => {
        const headers = { "content-type": "application/json", authorization: `Bearer ${secret}` };
        const answer = await fetch(url + CHAT_PATH, { method: "POST", headers, body });
        await answer.arrayBuffer();
      }),
    );
  }
}

/** A chat request that counts as so many tokens, at four bytes each. */
export function chatBody({ tokens, id }: Pick<Arrival, "tokens" | "id">): string {
  const withPrompt = (content: string) =>
    JSON.stringify({ model: MODEL, messages: [{ role: "user", content }], max_tokens: OUTPUT_TOKENS });
  const promptBytes = (tokens - OUTPUT_TOKENS) * 4;
  const prompt = `${id} ${"word ".repeat(promptBytes / 5 + 1)}`;
  return withPrompt(prompt.slice(0, promptBytes - withPrompt("").length));
}

function simulated({ secret, limit }: BenchKey, { kind, headers, tokens, windowMs }: Scenario) {
  return { secret, limits: { kind, headers, windowMs, ...(tokens ? { tpm: limit } : { rpm: limit }) } };
}
