import { statSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { PATIENCE_MS } from "./goodput-client.ts";
import { doubts, json, table } from "./goodput-report.ts";
import { runScenario, type ScenarioResult } from "./goodput-run.ts";
import {
  durationMs,
  type Incident,
  jointRequests,
  type LimitKind,
  nameOf,
  type Scenario,
} from "./goodput-scenario.ts";
import { REPOSITORY } from "./targets.ts";

/*
 * How much of what many keys may serve together a client gets: `bun test/bench/goodput.ts`.
 *
 * Open loop: requests arrive when they are due, however the earlier ones fare. Each scenario has the
 * compiled binary in a fresh process, told no limits, against the strict simulator; next to it, with the
 * same arrivals and upstreams of its own, a blind round-robin relay to compare with; and computed, not run,
 * what a rotator that knows all could reach. Nothing is asserted: figures are for people.
 */

const USAGE = `bun test/bench/goodput.ts [options]
  --kind K         token-bucket, fixed-window or both (default)
  --headers H      on, off or both (default): whether upstreams tell their limits
  --load a,b       parts of the joint capacity (default 0.6,0.95,1.2)
  --incident I     none (default), key-dies, upstream-fails, or all three; at half-time, at every load
  --all            all loads, kinds and headers; both incidents at 0.95; and token limits likewise: 6 min
  --tokens         limits of tokens, requests varied 100:1, instead of limits of requests
  --window-ms N    length of a simulated minute (default 10000)
  --windows N      how many; the first is for learning and reported apart (default 6, at least 2)
  --unit N         requests a window of the smallest of the six keys (1:2:2:4:8:16, default 10)
  --parallel N     scenarios at the same time (default 6)
  --seed N         of the arrivals (default 1)
  --binary PATH    default dist/keycycle, as it is: build it first
  --quick          load 0.95 only, 4 windows: within a minute
  --json           every figure instead of the table`;

const { values: options } = parseArgs({
  options: {
    kind: { type: "string", default: "both" },
    headers: { type: "string", default: "both" },
    load: { type: "string" },
    incident: { type: "string", default: "none" },
    all: { type: "boolean", default: false },
    tokens: { type: "boolean", default: false },
    "window-ms": { type: "string", default: "10000" },
    windows: { type: "string" },
    unit: { type: "string", default: "10" },
    parallel: { type: "string", default: "6" },
    seed: { type: "string", default: "1" },
    binary: { type: "string", default: join(REPOSITORY, "dist/keycycle") },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(USAGE);
} else if (process.env["BUN_CONFIG_MAX_HTTP_REQUESTS"] === undefined) {
  // Bun reads it when it starts: with the default of 256 waiting requests would hold up the next arrivals.
  const env = { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" };
  const child = Bun.spawn([process.execPath, ...process.argv.slice(1)], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await child.exited;
} else {
  await main();
}

async function main(): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const binary = resolve(options.binary);
  const scenarios = scenariosOf();
  const parallel = atLeast(1, options.parallel, "parallel");
  const batches = Math.ceil(scenarios.length / parallel);
  const boundS = (batches * (durationMs(scenarios[0]!) + PATIENCE_MS + 2_000)) / 1_000;
  console.error(`${scenarios.length} scenarios, ${parallel} at a time: at most ${Math.ceil(boundS)} s`);
  const loadBefore = loadavg()[0]!;

  const results: ScenarioResult[] = [];
  for (let at = 0; at < scenarios.length; at += parallel) {
    const batch = scenarios.slice(at, at + parallel);
    for (const scenario of batch) console.error(`running: ${nameOf(scenario)}`);
    const settled = await Promise.allSettled(
      batch.map(async (scenario, index) => {
        // Fixed windows that turn at the same moment would all have their rush at once.
        await Bun.sleep((index * 1_000) / parallel);
        return await runScenario(binary, scenario);
      }),
    );
    for (const [index, outcome] of settled.entries()) {
      // One that fails is a finding: the others still say something.
      if (outcome.status === "fulfilled") results.push(outcome.value);
      else console.error(`${nameOf(batch[index]!)} failed:`, outcome.reason);
    }
  }
  if (results.length === 0) return;
  if (options.json) {
    console.log(json(results));
    return;
  }
  const { windowMs, windows, seed } = scenarios[0]!;
  const built = statSync(binary).mtime.toISOString();
  console.log(
    `Bun ${Bun.version}, ${availableParallelism()} cores, load average before ${loadBefore.toFixed(1)}; ${options.binary} of ${built}`,
  );
  console.log(
    `${windows} windows of ${windowMs} ms, the first is the warm-up; joint capacity ${jointRequests(scenarios[0]!)} requests a window; seed ${seed}.\n`,
  );
  console.log(table(results));
  for (const doubt of doubts(results)) console.log(`\nDoubtful: ${doubt}`);
}

function scenariosOf(): Scenario[] {
  const kinds: LimitKind[] = chosen("kind", options.kind, "both", ["token-bucket", "fixed-window"]);
  const headers = chosen("headers", options.headers, "both", ["on", "off"]);
  const incidents: Incident[] = chosen("incident", options.incident, "all", [
    "none",
    "key-dies",
    "upstream-fails",
  ]);
  const loads = (options.load ?? (options.quick ? "0.95" : "0.6,0.95,1.2"))
    .split(",")
    .map((load) => atLeast(0.01, load, "load"));
  const shared = {
    windowMs: atLeast(100, options["window-ms"], "window-ms"),
    windows: atLeast(2, options.windows ?? (options.quick ? "4" : "6"), "windows"),
    unit: atLeast(1, options.unit, "unit"),
    seed: atLeast(0, options.seed, "seed"),
  };
  const at = (load: number, incident: Incident, tokens: boolean) =>
    kinds.flatMap((kind) =>
      headers.map((told) => ({ ...shared, kind, headers: told === "on", load, incident, tokens })),
    );
  if (options.all) {
    return [
      ...loads.flatMap((load) => at(load, "none", false)),
      ...at(0.95, "key-dies", false),
      ...at(0.95, "upstream-fails", false),
      ...loads.flatMap((load) => at(load, "none", true)),
    ];
  }
  return incidents.flatMap((incident) => loads.flatMap((load) => at(load, incident, options.tokens)));
}

function chosen<Name extends string>(
  option: string,
  value: string,
  every: string,
  names: readonly Name[],
): Name[] {
  const found = names.filter((name) => value === every || value.split(",").includes(name));
  if (found.length === 0) fail(`--${option} is one of ${[...names, every].join(", ")}`);
  return found;
}

function atLeast(least: number, value: string, option: string): number {
  const number = Number(value);
  if (!(number >= least)) fail(`--${option} is a number of at least ${least}`);
  return number;
}

function fail(message: string): never {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(2);
}
