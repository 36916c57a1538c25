/**
 * How long one pick takes among 10, 1,000 and 10,000 keys, half of them cooling, for each strategy, as a
 * ratio to a pick among 10. Run: bun test/bench/picker.ts
 */
import { NO_LIMITS, STRATEGY_NAMES, type StrategyName } from "../../src/config/config.ts";
import { createBreaker } from "../../src/rotation/breaker.ts";
import { createKeyState, modelStateOf, type RotationKey } from "../../src/rotation/key-state.ts";
import { createBounds } from "../../src/rotation/limits/bounds.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { headroom } from "../../src/rotation/strategies/headroom.ts";
import { latency } from "../../src/rotation/strategies/latency.ts";
import { leastBusy } from "../../src/rotation/strategies/least-busy.ts";
import { roundRobin } from "../../src/rotation/strategies/round-robin.ts";
import type { Strategy } from "../../src/rotation/strategies/strategy.ts";
import { weighted } from "../../src/rotation/strategies/weighted.ts";

const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  headroom,
  "round-robin": roundRobin,
  "least-busy": leastBusy,
  latency,
  weighted,
};
const MODEL = "gpt-4o-mini";
const NOW = 1_800_000_000_000;
const PICKS = 50_000;
const SIZES = [10, 1_000, 10_000];

function keysOf(count: number): RotationKey[] {
  return Array.from({ length: count }, (_, index) => {
    const state = createKeyState();
    modelStateOf(state, MODEL).coolUntilMs = index % 2 === 0 ? NOW + 60_000 : 0;
    return {
      name: `key-${index}`,
      upstream: "https://api.openai.com",
      priority: 0,
      weight: 1 + (index % 3),
      models: ["others"],
      state,
      bounds: createBounds(NO_LIMITS, NOW),
      breaker: createBreaker(),
    };
  });
}

const ask = { tokens: 100, tried: { keys: new Set<RotationKey>(), failedUpstreams: new Set<string>() } };

for (const name of STRATEGY_NAMES) {
  const times = SIZES.map((size) => {
    const pool = createPool(MODEL, keysOf(size));
    const run = () => {
      for (let turn = 0; turn < PICKS; turn += 1) pick(pool, STRATEGIES[name], ask, NOW, Math.random);
    };
    run();
    const startedNs = Bun.nanoseconds();
    run();
    return (Bun.nanoseconds() - startedNs) / PICKS / 1_000;
  });
  const cells = times.map(
    (us, index) => `${SIZES[index]}: ${us.toFixed(2)} µs (${(us / (times[0] ?? 1)).toFixed(2)}×)`,
  );
  console.log(`${name.padEnd(12)} ${cells.join("   ")}`);
}

const beforeBytes = process.memoryUsage().heapUsed;
const kept = keysOf(10_000);
Bun.gc(true);
console.log(
  `memory a key: ${Math.round((process.memoryUsage().heapUsed - beforeBytes) / kept.length)} bytes`,
);
