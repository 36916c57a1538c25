/**
 * How long one pick takes among 10, 1,000 and 10,000 keys of which some, nearly all or all rest, for each
 * strategy. Run: bun test/bench/picker.ts
 */
import { NO_LIMITS, STRATEGY_NAMES } from "../../src/config/config.ts";
import { STRATEGIES } from "../../src/proxy/runtime.ts";
import { createBreaker } from "../../src/rotation/breaker.ts";
import { createKeyState, modelStateOf, type RotationKey } from "../../src/rotation/key-state.ts";
import { createBounds } from "../../src/rotation/limits/bounds.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { release, reserve } from "../../src/rotation/reserve.ts";
import type { Strategy } from "../../src/rotation/strategies/strategy.ts";

const MODEL = "gpt-4o-mini";
const NOW = 1_800_000_000_000;
const SIZES = [10, 1_000, 10_000];
/** Of simulated time between two picks. */
const STEP_MS = 0.1;
const PICKS = 20_000;
const MAX_NS = 100_000_000;

/** What the keys of a run are like, and what becomes of one that is picked. */
interface Mix {
  readonly name: string;
  ail(key: RotationKey, index: number, count: number): void;
  /** Takes the key for a request that is over at once. */
  use?(key: RotationKey, now: number): void;
}

const cool = (key: RotationKey) => {
  modelStateOf(key.state, MODEL).coolUntilMs = NOW + 86_400_000;
};
const die = (key: RotationKey) => {
  key.state.setAside = { kind: "dead", reason: "invalid_api_key" };
};

const MIXES: readonly Mix[] = [
  { name: "all well", ail: () => {} },
  { name: "half cooling", ail: (key, index) => index % 2 === 0 && cool(key) },
  { name: "all but ten cooling", ail: (key, index, count) => index % (count / 10) !== 0 && cool(key) },
  { name: "all cooling", ail: cool },
  { name: "all dead but one", ail: (key, index, count) => index !== Math.floor(count / 2) && die(key) },
  {
    name: "each rests a second",
    ail: () => {},
    use(key, now) {
      modelStateOf(key.state, MODEL).coolUntilMs = now + 1_000;
      release(reserve(key, MODEL, 100, now), 100, now);
    },
  },
];

function keysOf(count: number): RotationKey[] {
  const breaker = createBreaker();
  return Array.from({ length: count }, (_, index) => ({
    name: `key-${index}`,
    upstream: "https://api.openai.com",
    priority: 0,
    weight: 1 + (index % 3),
    models: ["others"],
    state: createKeyState(),
    bounds: createBounds(NO_LIMITS, NOW),
    breaker,
    sleepers: [],
  }));
}

const ask = { tokens: 100, tried: { keys: new Set<RotationKey>(), failedUpstreams: new Set<string>() } };

/** Microseconds: of the first pick, which meets the keys as they are, and of those after it. */
function measure(strategy: Strategy, mix: Mix, count: number) {
  const keys = keysOf(count);
  for (const [index, key] of keys.entries()) mix.ail(key, index, count);
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

console.log("\nmemory of ten thousand keys");
await import("./key-memory.ts");
