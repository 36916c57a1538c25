import { expect, test } from "bun:test";
import { array, assert, constantFrom, integer, option, property, record } from "fast-check";

import { NO_LIMITS } from "../../src/config/config.ts";
import type { Outcome } from "../../src/providers/outcome.ts";
import type { ToldLimits } from "../../src/providers/told-limits.ts";
import type { Verdict } from "../../src/rotation/comeback.ts";
import { createBreaker } from "../../src/rotation/breaker.ts";
import type { RotationKey } from "../../src/rotation/key-state.ts";
import { learn } from "../../src/rotation/learn.ts";
import { boundsFitAt, createBounds } from "../../src/rotation/limits/bounds.ts";
import { createMeter, meterFitsAt } from "../../src/rotation/limits/meter.ts";
import type { Tried } from "../../src/rotation/look.ts";
import { obstacleOf } from "../../src/rotation/obstacle.ts";
import { mayFreeUp, soonest } from "../../src/rotation/outlook.ts";
import { ProbeSchedule } from "../../src/rotation/probe-schedule.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { release, type Reservation, reserve, roomAt, settle } from "../../src/rotation/reserve.ts";
import { headroom } from "../../src/rotation/strategies/headroom.ts";
import { latency } from "../../src/rotation/strategies/latency.ts";
import { leastBusy } from "../../src/rotation/strategies/least-busy.ts";
import { roundRobin } from "../../src/rotation/strategies/round-robin.ts";
import { weighted } from "../../src/rotation/strategies/weighted.ts";
import { keyWith, NOW, seededRandom } from "./rotation-key.ts";

/*
 * Keys in several tiers, on two upstreams, with two models, under all that may happen to them in any order,
 * reloads included; each step is checked against a plain look at every key.
 */

const MODELS = ["gpt-4o", "o3"] as const;
const FRESH: Tried = { keys: new Set(), failedUpstreams: new Set() };
const NO_METER = createMeter();
const SERVED: Outcome = { kind: "served" };
const FAILED: Outcome = { kind: "upstream-failure", reason: "reset" };
const ABANDONED: Outcome = { kind: "abandoned" };

const outcomes = constantFrom<Outcome>(
  SERVED,
  SERVED,
  SERVED,
  { kind: "limited", scope: "model", retryAfterMs: 700 },
  { kind: "limited", scope: "key", retryAfterMs: undefined },
  { kind: "overloaded", retryAfterMs: undefined },
  { kind: "spent", reason: "quota", retryAfterMs: 5_000 },
  { kind: "dead", reason: "invalid", certain: true },
  { kind: "unserved-model" },
  { kind: "client-error" },
  FAILED,
  ABANDONED,
);

const steps = array(
  record({
    step: constantFrom("pick", "pick", "pick", "pick", "answer", "answer", "end", "probe", "reload"),
    verdict: constantFrom<Verdict>("taken", "refused", "untold", "trouble"),
    which: integer({ min: 0, max: 999 }),
    model: constantFrom(...MODELS),
    passMs: constantFrom(0, 0, 1, 50, 1_000, 20_000),
    tokens: integer({ min: 1, max: 3_000 }),
    outcome: outcomes,
    told: option(
      record({
        limit: constantFrom(5, 100),
        remaining: integer({ min: 0, max: 5 }),
        tokens: option(integer({ min: 0, max: 2_000 }), { nil: undefined }),
      }),
      { nil: undefined },
    ),
    used: option(integer({ min: 0, max: 3_000 }), { nil: undefined }),
  }),
  { maxLength: 120 },
);

const settings = record({
  strategy: constantFrom(headroom, leastBusy, latency, roundRobin, weighted),
  size: constantFrom(1, 3, 20, 100),
  concurrency: option(integer({ min: 1, max: 3 }), { nil: undefined }),
  rpm: option(integer({ min: 1, max: 20 }), { nil: undefined }),
  tpm: option(integer({ min: 500, max: 5_000 }), { nil: undefined }),
  seed: integer(),
});

/** Whether a key can take a request, told without any of what makes a pick fast. */
function isUsable(key: RotationKey, model: string, tokens: number, now: number): boolean {
  const { breaker, bounds, state } = key;
  return (
    obstacleOf(state, model, now) === undefined &&
    !state.onTrial &&
    boundsFitAt(bounds, state.inFlight, tokens, now) <= now &&
    (breaker.openUntilMs === 0 || (breaker.openUntilMs <= now && !breaker.probing)) &&
    meterFitsAt(state.byModel.get(model)?.meter ?? NO_METER, tokens, now) <= now
  );
}

/** When the first of the keys can take a request, told the same way. */
function soonestOf(keys: readonly RotationKey[], model: string, tokens: number, now: number): number {
  const instants = keys.map((key) => {
    const obstacle = obstacleOf(key.state, model, now);
    if (obstacle?.kind === "dead" || obstacle?.kind === "unserved-model") return Number.POSITIVE_INFINITY;
    return Math.max(obstacle?.untilMs ?? now, roomAt(key, model, tokens, now));
  });
  return Math.min(...instants);
}

function waitsForAnEnd(key: RotationKey, model: string, tokens: number, now: number): boolean {
  const obstacle = obstacleOf(key.state, model, now);
  return (
    key.state.inFlight > 0 &&
    obstacle?.kind !== "dead" &&
    obstacle?.kind !== "unserved-model" &&
    roomAt(key, model, tokens, now) === Number.POSITIVE_INFINITY
  );
}

test("whatever happens in whatever order, no unusable key is chosen, a usable one is found, and no room leaks", () => {
  assert(
    property(settings, steps, ({ strategy, size, concurrency, rpm, tpm, seed }, sequence) => {
      const breakers = [createBreaker(), createBreaker()];
      let keys = Array.from({ length: size }, (_value, index) =>
        keyWith({
          name: `key-${index}`,
          upstream: `https://${index % 2}.example`,
          breaker: breakers[index % 2]!,
          priority: index % 3 === 2 ? 1 : 0,
          weight: 1 + (index % 4),
          bounds: createBounds({ ...NO_LIMITS, concurrency, rpm, tpm }),
        }),
      );
      const poolsOf = () => ({ "gpt-4o": createPool("gpt-4o", keys), o3: createPool("o3", keys) });
      let pools = poolsOf();
      const random = seededRandom(seed);
      const schedule = new ProbeSchedule<RotationKey>();
      const unanswered: Reservation[] = [];
      const streaming: Reservation[] = [];
      let now = NOW;
      for (const { step, which, model, passMs, tokens, outcome, told, used, verdict } of sequence) {
        now += passMs;
        if (step === "pick") {
          const ask = { tokens, tried: FRESH };
          const usable = keys.filter((one) => isUsable(one, model, tokens, now));
          const key = pick(pools[model], strategy, ask, now, random);
          if (usable.length === 0) {
            expect(key).toBeUndefined();
            const at = soonest(pools[model], ask, now);
            const first = soonestOf(keys, model, tokens, now);
            expect(at).toBeGreaterThan(now);
            // Of a key with requests under way nobody knows when it has room, only that it may.
            const isBusy = keys.some((one) => waitsForAnEnd(one, model, tokens, now));
            if (isBusy) expect(at).toBeLessThanOrEqual(first);
            else expect(at).toBe(first);
            const isWorthWaiting = at < Number.POSITIVE_INFINITY || mayFreeUp(pools[model], FRESH);
            expect(isWorthWaiting).toBe(isBusy || first < Number.POSITIVE_INFINITY);
            continue;
          }
          const lowest = Math.min(...usable.map(({ priority }) => priority));
          expect(usable.filter(({ priority }) => priority === lowest)).toContain(key!);
          unanswered.push(reserve(key!, model, tokens, now));
          expect(key!.state.inFlight).toBeLessThanOrEqual(concurrency ?? Number.POSITIVE_INFINITY);
        } else if (step === "answer" && unanswered.length > 0) {
          const reservation = unanswered.splice(which % unanswered.length, 1)[0]!;
          const isAnswered = outcome !== ABANDONED && outcome !== FAILED;
          settle(reservation, outcome, isAnswered ? limitsTold(told) : undefined, now);
          learn(reservation.key.state, reservation.model, outcome, now, random);
          if (outcome === SERVED) streaming.push(reservation);
          else release(reservation, undefined, now);
        } else if (step === "end" && streaming.length > 0) {
          release(streaming.splice(which % streaming.length, 1)[0]!, used, now);
        } else if (step === "probe") {
          // Only of dead keys anything is asked.
          const key = keys.find(({ state }) => state.setAside?.kind === "dead");
          if (key !== undefined) schedule.conclude(key, verdict, 1_000, now, random);
        } else if (step === "reload") {
          // What is known of a key outlives the configuration; requests under way keep the old one's.
          keys = keys.map((key) => ({ ...key }));
          pools = poolsOf();
        }
        const underWay = unanswered.length + streaming.length;
        expect(keys.reduce((total, key) => total + key.state.inFlight, 0)).toBe(underWay);
      }
      // Unanswered ones were never sent.
      for (const reservation of [...unanswered, ...streaming]) release(reservation, 0, now);
      expect(keys.every((key) => key.state.inFlight === 0 && !key.state.onTrial)).toBe(true);
      expect(breakers.every(({ probing }) => !probing)).toBe(true);
    }),
    { numRuns: 600 },
  );
});

test("reservations that come to nothing leave a configured bound of tokens as it was", () => {
  const requests = array(integer({ min: 0, max: 3_000 }), { maxLength: 40 });
  assert(
    property(requests, integer(), (sizes, seed) => {
      const random = seededRandom(seed);
      const key = keyWith({ name: "key", bounds: createBounds({ ...NO_LIMITS, tpm: 100_000 }) });
      const reservations = sizes.map((tokens) => reserve(key, "gpt-4o", tokens, NOW));
      for (const reservation of reservations.toSorted(() => random() - 0.5)) release(reservation, 0, NOW);
      expect(key.bounds.tpm!.left(NOW)).toBe(100_000);
    }),
  );
});

function limitsTold(
  told: { limit: number; remaining: number; tokens: number | undefined } | undefined,
): ToldLimits | undefined {
  if (told === undefined) return undefined;
  const { limit, remaining, tokens } = told;
  return {
    requests: { limit, remaining, fullInMs: 10_000 },
    tokens: tokens === undefined ? undefined : { limit: 2_000, remaining: tokens, fullInMs: 10_000 },
  };
}
