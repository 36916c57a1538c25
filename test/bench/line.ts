/**
 * What a line of 1,000 requests costs while all of ten thousand keys are limited: one more arrival, one look
 * at the line, and the time at which one's turn comes. Run: bun test/bench/line.ts
 */
import { WaitingRoom } from "../../src/proxy/waiting-room.ts";
import { soonest } from "../../src/rotation/outlook.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { headroom } from "../../src/rotation/strategies/headroom.ts";
import { whenServed } from "../../src/rotation/supply.ts";
import { AILMENTS, ask, benchKeys, MODEL, NOW } from "./bench-keys.ts";

const KEYS = 10_000;
const WAITING = 1_000;
const TIMES = 2_000;

/** Microseconds each. */
function timed(times: number, run: (turn: number) => void): string {
  const startedNs = Bun.nanoseconds();
  for (let turn = 0; turn < times; turn += 1) run(turn);
  return ((Bun.nanoseconds() - startedNs) / times / 1_000).toFixed(1);
}

console.log(`microseconds with ${WAITING} waiting for ${KEYS} keys, each of which is ...`);
for (const [name, ail] of Object.entries(AILMENTS)) {
  const keys = benchKeys(KEYS);
  for (const [index, key] of keys.entries()) ail(key, index);
  const pool = createPool(MODEL, keys);
  const room = new WaitingRoom();
  const ended = new AbortController();
  const waiter = {
    client: "",
    sinceMs: NOW,
    tokens: ask.tokens,
    deadlineMs: Number.POSITIVE_INFINITY,
    tryPick: () => pick(pool, headroom, ask, NOW, Math.random),
    readyAt: () => soonest(pool, ask, NOW),
  };
  const arrive = () => void room.wait(pool, waiter, ended.signal);
  // The first look, which meets every key as it is, is of `picker.ts`.
  arrive();
  const arrival = timed(WAITING - 1, arrive);
  const look = timed(TIMES, () => room.poke());
  const turn = timed(TIMES, (index) => whenServed(pool, WAITING + index, ask.tokens, NOW));
  console.log(`  ${name.padEnd(36)} arrival ${arrival}   look ${look}   turn ${turn}`);
  ended.abort();
}
