/**
 * How long one pick takes among 10, 1,000 and 10,000 keys of which some, nearly all or all rest, for each
 * strategy. Run: bun test/bench/picker.ts
 */
import { STRATEGY_NAMES } from "../../src/config/config.ts";
import { STRATEGIES } from "../../src/proxy/runtime.ts";
import { modelStateOf, type RotationKey } from "../../src/rotation/key-state.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { release, reserve } from "../../src/rotation/reserve.ts";
import type { Strategy } from "../../src/rotation/strategies/strategy.ts";
import { AILMENTS, ask, benchKeys, MODEL, NOW } from "./bench-keys.ts";

const SIZES = [10, 1_000, 10_000];
/** Of simulated time between two picks. */
const STEP_MS = 0.1;
const PICKS = 20_000;
const MAX_NS = 100_000_000;

/** What the keys of a run are like, and what becomes of one that is picked. */
interface Mix {
  readonly name: string;
  readonly ail?: (key: RotationKey, index: number) => void;
  /** Which of so many keys it is the matter with. */
  readonly ails?: (index: number, count: number) => boolean;
  /** Takes the key for a request that is over at once. */
  readonly use?: (key: RotationKey, now: number) => void;
}

const { cooling, dead } = AILMENTS;

const MIXES: readonly Mix[] = [
  { name: "all well" },
  { name: "half cooling", ail: cooling, ails: (index) => index % 2 === 0 },
  { name: "all but ten cooling", ail: cooling, ails: (index, count) => index % (count / 10) !== 0 },
  { name: "all cooling", ail: cooling },
  { name: "all dead but one", ail: dead, ails: (index, count) => index !== count / 2 },
  { name: "all without room for a request as large", ail: AILMENTS["without room for a request as large"] },
  {
    name: "each rests a second once it is picked",
    use(key, now) {
      modelStateOf(key.state, MODEL).coolUntilMs = now + 1_000;
      release(reserve(key, MODEL, 100, now), 100, now);
    },
  },
];

/** Microseconds: of the first pick, which meets the keys as they are, and of those after it. */
function measure(strategy: Strategy, mix: Mix, count: number) {
  const keys = benchKeys(count);
  for (const [index, key] of keys.entries()) {
    if (mix.ails?.(index, count) ?? true) mix.ail?.(key, index);
  }
  const pool = createPool(MODEL, keys);
  const once = (now: number) => {
    const key = pick(pool, strategy, ask, now, Math.random);
    if (key !== undefined) mix.use?.(key, now);
  };
  const beganNs = Bun.nanoseconds();
  once(NOW);
  const firstNs = Bun.nanoseconds() - beganNs;
  const times: number[] = [];
  for (let turn = 1; turn <= PICKS; turn += 1) {
    const startedNs = Bun.nanoseconds();
    once(NOW + turn * STEP_MS);
    times.push(Bun.nanoseconds() - startedNs);
    if (Bun.nanoseconds() - beganNs > MAX_NS) break;
  }
  times.sort((a, b) => a - b);
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const p999 = times[Math.floor(times.length * 0.999)] ?? 0;
  return { first: firstNs / 1_000, mean: mean / 1_000, p999: p999 / 1_000 };
}

console.log("microseconds: mean of a pick / 99.9th percentile (the first, which meets all that ails)");
for (const mix of MIXES) {
  console.log(`\n${mix.name}`);
  for (const name of STRATEGY_NAMES) {
    const cells = SIZES.map((size) => {
      measure(STRATEGIES[name], mix, size);
      const { first, mean, p999 } = measure(STRATEGIES[name], mix, size);
      return `${size}: ${mean.toFixed(2)} / ${p999.toFixed(1)} (${first.toFixed(0)})`.padEnd(28);
    });
    console.log(`  ${name.padEnd(12)} ${cells.join(" ")}`.trimEnd());
  }
}

console.log();
await import("./line.ts");
console.log("\nmemory of ten thousand keys");
await import("./key-memory.ts");
