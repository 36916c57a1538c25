import { closedLoop, longStreams, sequential, slowAtOnce, streams } from "./load.ts";
import { LONG_STREAM, STREAM } from "./payloads.ts";
import { type PinnedProcess, TARGET_CORE } from "./pinned-process.ts";
import { coreUs, cpuUs, residentMb } from "./process-cpu.ts";
import type { Results } from "./results.ts";
import { median, percentile } from "./statistics.ts";
import type { TargetName, Targets } from "./targets.ts";

const CONNECTIONS = 64;
const STREAMS = 500;
const LONG_STREAMS = 5000;
const SLOW_REQUESTS = 1000;

/** Short, so that all targets see the same moments of a shared machine. */
const SEQUENTIAL_BLOCK = 250;

/** After its start a runtime still collects and compiles; then its memory is what it holds when idle. */
const SETTLE_MS = 1000;

const COLD_STARTS_PER_ROUND = 3;

export interface Bench {
  readonly targets: Targets;
  readonly results: Results;
  /** How long to measure each target in each round. */
  readonly seconds: number;
  /** Already started, in the order in which they take their turns in this round. */
  readonly running: ReadonlyMap<TargetName, PinnedProcess>;
}

export type WorkloadName = keyof typeof WORKLOADS;

/** One round of each workload: every target in turn. */
export const WORKLOADS = {
  plain: plainRound,
  streams: streamsRound,
  latency: latencyRound,
  slow: slowRound,
  long: longRound,
  cold: coldRound,
} as const satisfies Record<string, (bench: Bench) => Promise<void>>;

/** Lets just-in-time compilers and pools reach their steady state; nothing is recorded. */
export async function warmUp({ running }: Bench): Promise<void> {
  for (const { port } of running.values()) {
    await closedLoop(port, CONNECTIONS, 2);
    await streams(port, STREAMS, 1);
  }
}

async function plainRound({ targets, results, seconds, running }: Bench): Promise<void> {
  for (const [name, { pid, port }] of running) {
    const startedAt = performance.now();
    const before = { target: cpuUs(pid), core: coreUs(TARGET_CORE), load: loadUs(targets) };
    const requests = await closedLoop(port, CONNECTIONS, seconds);
    const tookUs = (performance.now() - startedAt) * 1000;
    const target = cpuUs(pid) - before.target;
    const core = coreUs(TARGET_CORE) - before.core;
    results.add("throughput", name, (requests / tookUs) * 1_000_000);
    results.add("loadBusy", name, ((loadUs(targets) - before.load) / tookUs) * 100);
    if (name === "direct") continue;
    results.add("requestCpu", name, target / requests);
    results.add("targetBusy", name, (target / tookUs) * 100);
    results.add("othersBusy", name, (Math.max(0, core - target) / tookUs) * 100);
  }
}

/** CPU time of the two that share the other core: this process, which is the load generator, and the origin. */
function loadUs({ origin }: Targets): number {
  return cpuUs(process.pid) + cpuUs(origin.pid);
}

async function streamsRound({ results, seconds, running }: Bench): Promise<void> {
  for (const [name, { pid, port }] of running) {
    const before = cpuUs(pid);
    const { timings, cut } = await streams(port, STREAMS, Math.max(1, Math.round(seconds)));
    const cpu = cpuUs(pid) - before;
    tellCut(name, cut);
    results.add("streamsCut", name, cut.length);
    results.add("streamTook", name, median(timings.map(({ sentAt, endedAt }) => endedAt - sentAt)));
    if (name !== "direct") results.add("chunkCpu", name, cpu / (timings.length * STREAM.chunks));
  }
}

function tellCut(name: TargetName, cut: readonly string[]): void {
  if (cut.length > 0) console.error(`${name}: ${cut.length} streams were cut or wrong, the first: ${cut[0]}`);
}

async function latencyRound({ results, seconds, running }: Bench): Promise<void> {
  const took = new Map<TargetName, number[]>([...running.keys()].map((name) => [name, []]));
  const until = performance.now() + seconds * 1000 * running.size;
  while (performance.now() < until) {
    for (const [name, { port }] of running)
      took.get(name)!.push(...(await sequential(port, SEQUENTIAL_BLOCK)));
  }
  const direct = { p50: median(took.get("direct")!), p99: percentile(took.get("direct")!, 0.99) };
  for (const [name, values] of took) {
    const p50 = median(values);
    const p99 = percentile(values, 0.99);
    results.add("p50", name, p50);
    results.add("p99", name, p99);
    if (name === "direct") continue;
    results.add("p50Added", name, p50 - direct.p50);
    results.add("p99Added", name, p99 - direct.p99);
  }
}

async function slowRound({ results, running }: Bench): Promise<void> {
  for (const [name, { port }] of running)
    results.add("slowWall", name, (await slowAtOnce(port, SLOW_REQUESTS)) / 1000);
}

/** A process of its own for each, as the peak of memory is that of its whole life. nginx is left out: the budget is not about it. */
async function longRound({ targets, results, running }: Bench): Promise<void> {
  for (const name of running.keys()) {
    if (name === "direct" || name === "nginx") continue;
    const target = await targets.start(name);
    const before = cpuUs(target.pid);
    const { timings, cut } = await longStreams(target.port, LONG_STREAMS);
    tellCut(name, cut);
    results.add("longCut", name, cut.length);
    results.add("longChunkCpu", name, (cpuUs(target.pid) - before) / (timings.length * LONG_STREAM.chunks));
    results.add("longPeak", name, residentMb(target.pid).peak);
    const lastBegun = timings.reduce((latest, { firstByteAt }) => Math.max(latest, firstByteAt), 0);
    const firstEnded = timings.reduce((earliest, { endedAt }) => Math.min(earliest, endedAt), Infinity);
    results.add("longAtOnce", name, lastBegun < firstEnded ? 1 : 0);
    await target.stop();
  }
}

/** Without the variable that lifts Bun's limit of requests: a person does not set it, and KeyCycle pays for lifting it. */
async function coldRound({ targets, results, running }: Bench): Promise<void> {
  for (const name of running.keys()) {
    if (name === "direct") continue;
    for (let i = 0; i < COLD_STARTS_PER_ROUND; i += 1) {
      const target = await targets.start(name, { BUN_CONFIG_MAX_HTTP_REQUESTS: undefined });
      results.add("coldStart", name, target.startedInMs);
      if (i === 0) {
        await Bun.sleep(SETTLE_MS);
        results.add("idleMemory", name, residentMb(target.pid).now);
      }
      await target.stop();
    }
  }
}
