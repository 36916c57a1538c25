import { afterAll, beforeAll, expect, jest, test } from "bun:test";
import { array, assert, asyncProperty, boolean, constantFrom, integer, option, record } from "fast-check";

import { NO_LIMITS } from "../../src/config/config.ts";
import { WaitingRoom } from "../../src/proxy/waiting-room.ts";
import type { Deadline } from "../../src/proxy/watchdog.ts";
import { createBounds } from "../../src/rotation/limits/bounds.ts";
import { soonest } from "../../src/rotation/outlook.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { release, type Reservation, reserve } from "../../src/rotation/reserve.ts";
import { headroom } from "../../src/rotation/strategies/headroom.ts";
import { keyWith, NOW } from "../rotation/rotation-key.ts";

/** Deadlines are looked at so often, here by timers of the clock that is driven. */
const TICK_MS = 100;
const timers = new Map<Deadline, ReturnType<typeof setTimeout>>();
const deadlines = {
  watch(deadline: Deadline) {
    timers.set(
      deadline,
      setTimeout(() => deadline.expire(), deadline.deadlineMs - Date.now() + TICK_MS),
    );
  },
  unwatch: (deadline: Deadline) => clearTimeout(timers.get(deadline)),
};

// The clock stands still but for `advanceTimersByTime`.
beforeAll(() => void jest.useFakeTimers({ now: NOW }));
afterAll(() => void jest.useRealTimers());

const keyRecords = array(
  record({
    rpm: option(integer({ min: 1, max: 600 }), { nil: undefined }),
    concurrency: option(integer({ min: 1, max: 3 }), { nil: undefined }),
    coolsMs: constantFrom(0, 0, 250, 5_000),
    isDead: boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

const requests = array(
  record({
    afterMs: constantFrom(0, 0, 1, 20, 300),
    client: constantFrom("a", "b", "c"),
    maxWaitMs: constantFrom(0, 50, 1_000, 3_000),
    /** The client goes away after so long. */
    leavesMs: option(integer({ min: 1, max: 2_000 }), { nil: undefined }),
    tookMs: constantFrom(1, 40, 700),
    /** It was turned away so long ago, and is back. */
    firstCameMsAgo: constantFrom(0, 0, 0, 400),
  }),
  { maxLength: 60 },
);

/** Lets whoever awaits something that is settled go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

test("every waiting request is served or sent away within its bound, whatever else happens", async () => {
  await assert(
    asyncProperty(keyRecords, requests, async (some, arrivals) => {
      const keys = some.map(({ rpm, concurrency, coolsMs, isDead }, index) => {
        const key = keyWith({
          name: `key-${index}`,
          bounds: createBounds({ ...NO_LIMITS, rpm, concurrency }),
        });
        key.state.coolUntilMs = Date.now() + coolsMs;
        if (isDead) key.state.setAside = { kind: "dead", reason: "revoked" };
        return key;
      });
      const pool = createPool("gpt-4o", keys);
      const room = new WaitingRoom(deadlines);
      const ask = { tokens: 1, tried: { keys: new Set<never>(), failedUpstreams: new Set<never>() } };
      const ended: { endedMs: number; boundMs: number; isServed: boolean; mayEndFromMs: number }[] = [];
      let underWay = 0;

      const send = async ({
        client,
        maxWaitMs,
        leavesMs,
        tookMs,
        firstCameMsAgo,
      }: (typeof arrivals)[number]) => {
        const arrivedMs = Date.now();
        const gone = new AbortController();
        if (leavesMs !== undefined) setTimeout(() => gone.abort(), leavesMs);
        const taken = await room.wait<Reservation>(
          pool,
          {
            client,
            sinceMs: arrivedMs - firstCameMsAgo,
            tokens: 1,
            deadlineMs: arrivedMs + maxWaitMs,
            tryPick(now) {
              const key = pick(pool, headroom, ask, now, () => 0.5);
              return key && reserve(key, pool.model, 1, now);
            },
            readyAt: (now) => soonest(pool, ask, now),
          },
          gone.signal,
        );
        const mayEndFromMs = arrivedMs + Math.min(maxWaitMs, leavesMs ?? maxWaitMs);
        const boundMs = mayEndFromMs + TICK_MS;
        ended.push({ endedMs: Date.now(), boundMs, mayEndFromMs, isServed: taken !== undefined });
        if (taken === undefined) return;
        underWay += 1;
        setTimeout(() => {
          release(taken, 1, Date.now());
          underWay -= 1;
          room.poke();
        }, tookMs);
      };

      for (const arrival of arrivals) {
        jest.advanceTimersByTime(arrival.afterMs);
        await settle();
        void send(arrival);
        await settle();
        // The line is first come, first served: nobody waits beside a key that is free.
        if (room.hasLine(pool)) expect(pick(pool, headroom, ask, Date.now(), () => 0.5)).toBeUndefined();
      }
      for (let step = 0; step < 60; step += 1) {
        jest.advanceTimersByTime(TICK_MS);
        await settle();
      }
      expect(ended).toHaveLength(arrivals.length);
      for (const { endedMs, boundMs, isServed, mayEndFromMs } of ended) {
        expect(endedMs).toBeLessThanOrEqual(boundMs);
        if (!isServed) expect(endedMs).toBeGreaterThanOrEqual(mayEndFromMs);
      }
      expect(room.size).toBe(0);
      expect(room.hasLine(pool)).toBe(false);
      expect(underWay).toBe(0);
      expect(keys.every(({ state }) => state.inFlight === 0)).toBe(true);
    }),
    { numRuns: 150 },
  );
});
