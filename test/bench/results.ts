import type { TargetName } from "./targets.ts";

/** What KeyCycle has to keep to (section 9 of the design). */
export interface Budget {
  readonly sense: "at most" | "at least";
  readonly limit: number;
  /** A ratio to another target of the same run, or KeyCycle's own figure. */
  readonly of: "barest" | "nginx" | "figure";
}

interface Measure {
  readonly title: string;
  readonly unit: string;
  readonly budget?: Budget;
}

/** Everything that is measured, in the order in which it is shown. */
export const MEASURES = {
  requestCpu: {
    title: "plain chat, 64 connections: CPU a request",
    unit: "µs",
    budget: { sense: "at most", limit: 1.3, of: "barest" },
  },
  throughput: {
    title: "plain chat, 64 connections: throughput",
    unit: "req/s",
    budget: { sense: "at least", limit: 0.5, of: "nginx" },
  },
  targetBusy: { title: "  of its core, the target used", unit: "%" },
  othersBusy: { title: "  of the target's core, others used", unit: "%" },
  loadBusy: { title: "  of their core, origin and load used", unit: "%" },
  chunkCpu: {
    title: "500 streams, chunk every 20 ms: CPU a chunk",
    unit: "µs",
    budget: { sense: "at most", limit: 1.3, of: "barest" },
  },
  streamTook: { title: "  a stream took (980 ms at the origin)", unit: "ms" },
  streamsCut: {
    title: "  streams cut or wrong",
    unit: "",
    budget: { sense: "at most", limit: 0, of: "figure" },
  },
  longCut: {
    title: "5,000 streams at once: cut or wrong",
    unit: "",
    budget: { sense: "at most", limit: 0, of: "figure" },
  },
  longAtOnce: { title: "  all of them open at the same time", unit: "1 = yes" },
  longChunkCpu: { title: "  CPU a chunk, opening included", unit: "µs" },
  longPeak: {
    title: "  peak resident memory",
    unit: "MB",
    budget: { sense: "at most", limit: 300, of: "figure" },
  },
  p50: { title: "one request at a time: p50", unit: "ms" },
  p50Added: {
    title: "  p50 added over direct",
    unit: "ms",
    budget: { sense: "at most", limit: 0.3, of: "figure" },
  },
  p99: { title: "one request at a time: p99", unit: "ms" },
  p99Added: {
    title: "  p99 added over direct",
    unit: "ms",
    budget: { sense: "at most", limit: 1, of: "figure" },
  },
  slowWall: { title: "1,000 one-second requests at once: wall time", unit: "s" },
  coldStart: {
    title: "cold start to first answer of /health",
    unit: "ms",
    budget: { sense: "at most", limit: 100, of: "figure" },
  },
  idleMemory: {
    title: "idle resident memory",
    unit: "MB",
    budget: { sense: "at most", limit: 80, of: "figure" },
  },
} as const satisfies Record<string, Measure>;

export type MeasureId = keyof typeof MEASURES;
export const MEASURE_IDS = Object.keys(MEASURES) as MeasureId[];

/** With its optional parts, which the literal above leaves out here and there. */
export function measureOf(id: MeasureId): Measure {
  return MEASURES[id];
}

/** Samples, one a round, so that the n-th of two targets were taken next to each other in time. */
export class Results {
  readonly #samples = new Map<string, number[]>();

  add(id: MeasureId, target: TargetName, value: number): void {
    const key = `${id} ${target}`;
    const samples = this.#samples.get(key);
    if (samples === undefined) this.#samples.set(key, [value]);
    else samples.push(value);
  }

  of(id: MeasureId, target: TargetName): readonly number[] {
    return this.#samples.get(`${id} ${target}`) ?? [];
  }

  /** A ratio for each round, so that what slowed the machine down in one falls out. */
  ratios(id: MeasureId, target: TargetName, base: TargetName): number[] {
    const bases = this.of(id, base);
    return this.of(id, target)
      .map((value, round) => value / (bases[round] ?? Number.NaN))
      .filter(Number.isFinite);
  }
}
