import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { findNginx } from "./nginx.ts";
import { LOAD_CORE, pinSelf, type PinnedProcess } from "./pinned-process.ts";
import { doubts, json, table } from "./report.ts";
import { Results } from "./results.ts";
import { buildKeycycle, TARGET_NAMES, type TargetName, Targets } from "./targets.ts";
import { type Bench, warmUp, type WorkloadName, WORKLOADS } from "./workloads.ts";

/*
 * The benchmark behind every claim of speed: `bun test/bench/relay.ts`.
 *
 * Each target gets one core to itself, origin and load generator share the other. The targets take turns
 * within each round, so that whatever the machine does meanwhile hits all alike, and ratios are taken
 * within a round. Nothing is asserted: figures are for people, and depend on the machine.
 */

const USAGE = `bun test/bench/relay.ts [options]
  --seconds N    how long to measure each target in each round (default 3)
  --rounds N     how often (default 5); the rare and long ones, "long" and "cold", take a third of it
  --only a,b     of ${Object.keys(WORKLOADS).join(", ")}
  --json         every sample instead of the table`;

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: Object.keys(WORKLOADS).join(",") },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(USAGE);
} else {
  await main();
}

async function main(): Promise<void> {
  const rounds = Number(options.rounds);
  const chosen = workloadsOf(options.only);
  const dir = await mkdtemp(join(tmpdir(), "keycycle-bench-"));
  const names = availableTargets();
  pinSelf(LOAD_CORE);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit());
  const loadBefore = loadavg()[0]!;

  const targets = await Targets.create(dir);
  const running = new Map<TargetName, PinnedProcess>();
  const results = new Results();
  const bench: Bench = { targets, results, seconds: Number(options.seconds), running };
  try {
    for (const name of names) running.set(name, await targets.start(name));
    await warmUp(bench);
    for (let round = 1; round <= rounds; round += 1) {
      for (const name of chosen) {
        if (isRare(name) && round > Math.ceil(rounds / 3)) continue;
        console.error(`round ${round} of ${rounds}: ${name}`);
        await WORKLOADS[name]({ ...bench, running: rotated(running, round) }).catch((error: unknown) => {
          // A broken target is a finding: the other workloads still say something.
          console.error(`${name} failed and is left out from here on:`, error);
          chosen.delete(name);
        });
      }
    }
  } finally {
    for (const target of running.values()) await target.stop();
    await targets.origin.stop();
    await rm(dir, { recursive: true });
  }
  if (options.json) {
    console.log(json(results));
    return;
  }
  const machine = `${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${availableParallelism()} cores`;
  console.log(`Bun ${Bun.version}, ${machine}, load average before ${loadBefore.toFixed(1)}`);
  console.log(
    `Medians of ${rounds} rounds of ${options.seconds} s; ± half the range; ratios with lowest–highest.\n`,
  );
  console.log(table(results));
  for (const doubt of doubts(results)) console.log(`\nDoubtful: ${doubt}`);
}

/** All that this machine can run; what is missing is said, not failed on. */
function availableTargets(): TargetName[] {
  const buildError = buildKeycycle();
  if (buildError !== undefined) console.error(`keycycle is left out, its build failed:\n${buildError}`);
  const nginx = findNginx();
  if (nginx === undefined)
    console.error("nginx is left out: it is not installed (apt-get install nginx-light).");
  return TARGET_NAMES.filter(
    (name) => (name !== "keycycle" || buildError === undefined) && (name !== "nginx" || nginx !== undefined),
  );
}

function workloadsOf(only: string): Set<WorkloadName> {
  const wanted = new Set(only.split(","));
  const names = Object.keys(WORKLOADS).filter((name): name is WorkloadName => name in WORKLOADS);
  return new Set(names.filter((name) => wanted.has(name)));
}

/** Another target begins each round, so that none always follows the same one. */
function rotated<K, V>(entries: ReadonlyMap<K, V>, by: number): Map<K, V> {
  const list = [...entries];
  const at = by % list.length;
  return new Map([...list.slice(at), ...list.slice(0, at)]);
}

function isRare(name: WorkloadName): boolean {
  return name === "long" || name === "cold";
}
