import type { Arrival } from "./goodput-arrivals.ts";
import { bestPossible } from "./goodput-best.ts";
import { type Driven, openLoop } from "./goodput-client.ts";
import { type Contender, type ContenderName, startBlind, startKeycycle } from "./goodput-contenders.ts";
import { arrivalsOf, durationMs, incidentAtMs, measuredCapacity, type Scenario } from "./goodput-scenario.ts";
import { LATENCY_MS, Upstreams } from "./goodput-upstreams.ts";
import { percentile } from "./statistics.ts";

/** Of what a request waited beyond the upstream's own latency. */
export interface Waits {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface WarmUp {
  readonly succeededPercent: number;
  readonly refusedPercent: number;
}

/** What was measured of one contender after the warm-up. */
export interface Figures {
  readonly offered: number;
  readonly succeededPercent: number;
  /** Answers other than a success, by status; 0 is none at all. */
  readonly failures: Readonly<Record<string, number>>;
  readonly attempts: number;
  /** Attempts that an upstream answered with an error. */
  readonly refusedPercent: number;
  /** Attempts whose connection broke or was given up. */
  readonly brokenAttempts: number;
  readonly waitMs: Waits;
  /** Of what the keys could serve together, in requests or in tokens. */
  readonly goodputPercent: number;
  readonly turnedAway: {
    /** Answered with 429. */
    readonly count: number;
    readonly toldWhen: number;
    /** A sample of them came back exactly when they were told to. */
    readonly cameBack: number;
    /** Of those, without being turned away again. */
    readonly thenServed: number;
    /** Of those. */
    readonly thenWaitMs: Waits;
    readonly medianHintMs: number;
  };
  readonly warmUp: WarmUp;
  /** From KeyCycle's log: undefined for others. */
  readonly log: LogFigures | undefined;
}

export interface LogFigures {
  readonly meanAttempts: number;
  readonly maxAttempts: number;
  /** Changes of a key's state, by the new state. */
  readonly keyStates: Readonly<Record<string, number>>;
  /** Messages at warn or error, each once. */
  readonly complaints: readonly string[];
}

export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly keycycle: Figures;
  readonly blind: Figures;
  /** What an all-knowing rotator reaches with the same arrivals. */
  readonly best: Pick<Figures, "succeededPercent" | "waitMs" | "goodputPercent">;
  /** How late the bench itself was, 99th percentile. */
  readonly latenessMs: number;
}

/** Runs both contenders side by side, each against upstreams of its own, with the same arrivals. */
export async function runScenario(binary: string, scenario: Scenario): Promise<ScenarioResult> {
  const arrivals = arrivalsOf(scenario);
  const [keycycle, blind] = await Promise.all([
    runContender("keycycle", binary, scenario, arrivals),
    runContender("blind", binary, scenario, arrivals),
  ]);
  return {
    scenario,
    keycycle: keycycle.figures,
    blind: blind.figures,
    best: bestFigures(scenario, arrivals),
    latenessMs: percentile([...keycycle.latenessMs, ...blind.latenessMs], 0.99),
  };
}

async function runContender(
  name: ContenderName,
  binary: string,
  scenario: Scenario,
  arrivals: readonly Arrival[],
): Promise<{ figures: Figures; latenessMs: readonly number[] }> {
  const upstreams = new Upstreams(scenario);
  try {
    const contender = name === "keycycle" ? await startKeycycle(binary, upstreams) : startBlind(upstreams);
    let driven: Driven;
    let startAt: number;
    let incident: Timer | undefined;
    try {
      await upstreams.prepare();
      startAt = Date.now();
      upstreams.begin(startAt);
      if (scenario.incident !== "none") {
        incident = setTimeout(() => upstreams.fail(), incidentAtMs(scenario));
      }
      driven = await openLoop(contender.url, arrivals, performance.now(), scenario.windowMs);
    } finally {
      clearTimeout(incident);
      await contender.stop();
    }
    const figures = figuresOf(scenario, driven, upstreams, contender, startAt);
    return { figures, latenessMs: driven.latenessMs };
  } finally {
    await upstreams.stop();
  }
}

function figuresOf(
  scenario: Scenario,
  { answers, returns }: Driven,
  { attempts }: Upstreams,
  { log }: Contender,
  startAt: number,
): Figures {
  const isWarmUp = (atMs: number) => atMs < scenario.windowMs;
  const measured = answers.filter(({ arrival }) => !isWarmUp(arrival.atMs));
  const early = answers.filter(({ arrival }) => isWarmUp(arrival.atMs));
  const seen = attempts.filter(({ atMs }) => !isWarmUp(atMs));
  const admitted = seen.filter(({ atMs, status }) => status === 200 && atMs < durationMs(scenario));
  const turnedAway = measured.filter(({ status }) => status === 429);
  const waits = measured
    .filter(({ status }) => status === 200)
    .map(({ tookMs }) => Math.max(0, tookMs - LATENCY_MS));
  const backAndServed = returns.filter(({ status }) => status === 200);
  const failures = measured.map(({ status }) => status).filter((status) => status !== 200);
  const requests = log.filter(
    ({ event, time }) => event === "request" && !isWarmUp(Date.parse(time) - startAt),
  );
  return {
    offered: measured.length,
    succeededPercent: succeededPercent(measured),
    failures: tally(failures.map(String)),
    attempts: seen.length,
    refusedPercent: refusedPercent(seen),
    brokenAttempts: seen.filter(({ status }) => status === 0).length,
    waitMs: waitsOf(waits),
    goodputPercent: goodputPercent(
      scenario,
      admitted.map(({ tokens }) => tokens),
    ),
    turnedAway: {
      count: turnedAway.length,
      toldWhen: turnedAway.filter(({ retryAfterMs }) => retryAfterMs !== undefined).length,
      cameBack: returns.length,
      thenServed: backAndServed.length,
      thenWaitMs: waitsOf(backAndServed.map(({ tookMs }) => Math.max(0, tookMs - LATENCY_MS))),
      medianHintMs: percentile(
        turnedAway.flatMap(({ retryAfterMs }) => retryAfterMs ?? []),
        0.5,
      ),
    },
    warmUp: {
      succeededPercent: succeededPercent(early),
      refusedPercent: refusedPercent(attempts.filter(({ atMs }) => isWarmUp(atMs))),
    },
    log:
      log.length === 0
        ? undefined
        : {
            meanAttempts: requests.reduce((sum, line) => sum + (line.attempts ?? 0), 0) / requests.length,
            maxAttempts: Math.max(0, ...requests.map((line) => line.attempts ?? 0)),
            keyStates: tally(log.flatMap(({ event, state }) => (event === "key" ? (state ?? "?") : []))),
            complaints: [
              ...new Set(
                log.flatMap(({ event, level, message }) =>
                  event === "message" && (level === "warn" || level === "error") ? (message ?? "") : [],
                ),
              ),
            ],
          },
  };
}

function bestFigures(scenario: Scenario, arrivals: readonly Arrival[]): ScenarioResult["best"] {
  const placed = bestPossible(scenario, arrivals);
  const measured = placed.filter(({ arrival }) => arrival.atMs >= scenario.windowMs);
  const served = measured.flatMap(({ waitMs }) => waitMs ?? []);
  const admitted = placed.filter(({ arrival, waitMs }) => {
    const atMs = arrival.atMs + (waitMs ?? Number.POSITIVE_INFINITY);
    return atMs >= scenario.windowMs && atMs < durationMs(scenario);
  });
  return {
    succeededPercent: (100 * served.length) / measured.length,
    waitMs: waitsOf(served),
    goodputPercent: goodputPercent(
      scenario,
      admitted.map(({ arrival }) => arrival.tokens),
    ),
  };
}

function goodputPercent(scenario: Scenario, admitted: readonly number[]): number {
  const used = scenario.tokens ? admitted.reduce((sum, tokens) => sum + tokens, 0) : admitted.length;
  return (100 * used) / measuredCapacity(scenario);
}

function succeededPercent(answers: Driven["answers"]): number {
  return (100 * answers.filter(({ status }) => status === 200).length) / answers.length;
}

/** Of those that an upstream answered. */
function refusedPercent(attempts: Upstreams["attempts"]): number {
  return (100 * attempts.filter(({ status }) => status >= 400).length) / attempts.length;
}

function waitsOf(waits: readonly number[]): Waits {
  return { p50: percentile(waits, 0.5), p99: percentile(waits, 0.99), max: percentile(waits, 1) };
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
