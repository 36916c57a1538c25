import { describe, expect, test } from "bun:test";
import { type Arbitrary, array, assert, constantFrom, integer, option, property, record } from "fast-check";

import { type LimitsConfig, NO_LIMITS } from "../../src/config/config.ts";
import type { Outcome } from "../../src/providers/outcome.ts";
import { learnVerdict, type Verdict } from "../../src/rotation/comeback.ts";
import {
  createKeyState,
  type KeyState,
  modelStateOf,
  type RotationKey,
} from "../../src/rotation/key-state.ts";
import { learn } from "../../src/rotation/learn.ts";
import { type Bounds, boundsFitAt, createBounds, takeFromBounds } from "../../src/rotation/limits/bounds.ts";
import { hearOn, meterFitsAt, reserveOn } from "../../src/rotation/limits/meter.ts";
import { firstPace } from "../../src/rotation/limits/pace.ts";
import { KEPT_PARTS } from "../../src/rotation/limits/sliding-window.ts";
import { obstacleOf } from "../../src/rotation/obstacle.ts";
import { ProbeSchedule } from "../../src/rotation/probe-schedule.ts";
import { release, reserve, settle } from "../../src/rotation/reserve.ts";
import { recordKey, restoreKey } from "../../src/state/key-record.ts";
import { DAY_BACK, HOUR, keyWith, MINUTE, MINUTE_BACK, NOW, stateWith } from "../rotation/rotation-key.ts";

const MODEL = "gpt-4o";
const DAY = 24 * HOUR;
const UNUSED = { accepted: 0, sinceMs: 0, before: 0 };
const LIMITS: LimitsConfig = { rpm: 60, tpm: 10_000, rpd: 1_000, concurrency: undefined };

/** What a record is once it was written and read. */
const written = (state: KeyState, bounds: Bounds, now: number): unknown =>
  JSON.parse(JSON.stringify(recordKey(state, bounds, now)));

/** A fresh key after a restart, with what the one before had learned. */
function restarted(
  state: KeyState,
  { bounds = createBounds(NO_LIMITS), savedMs = NOW, now = NOW, limits = NO_LIMITS } = {},
) {
  const next = keyWith({ name: "next", bounds: createBounds(limits) });
  const understood = restoreKey(next.state, next.bounds, written(state, bounds, savedMs), savedMs, now);
  expect(understood).toBe(true);
  return next;
}

const outcome = constantFrom<Outcome>(
  { kind: "served" },
  { kind: "limited", scope: "model", retryAfterMs: 20_000 },
  { kind: "limited", scope: "model", retryAfterMs: undefined },
  { kind: "limited", scope: "key", retryAfterMs: 90_000 },
  { kind: "overloaded", retryAfterMs: undefined },
  { kind: "spent", reason: "insufficient_quota", retryAfterMs: undefined },
  { kind: "dead", reason: "HTTP 401", certain: false },
  { kind: "unserved-model" },
  { kind: "upstream-failure", reason: "reset" },
);

const attempt = record({
  afterMs: integer({ min: 0, max: 5_000 }),
  model: constantFrom("gpt-4o", "o3", "", "__proto__"),
  tokens: integer({ min: 1, max: 3_000 }),
  outcome,
  told: option(
    record({ remaining: integer({ min: 0, max: 50 }), fullInMs: integer({ min: 0, max: MINUTE }) }),
  ),
  verdict: option(constantFrom<Verdict>("taken", "refused", "untold", "trouble")),
});
type Attempt = typeof attempt extends Arbitrary<infer Value> ? Value : never;

/** An attempt on the key, and what a probe says after it; looks at the key after each step. */
function live(
  key: RotationKey,
  { model, tokens, outcome: is, told, verdict }: Attempt,
  now: number,
  look = () => {},
) {
  const middling = () => 0.5;
  const limits = told === null ? undefined : { requests: { limit: 50, ...told }, tokens: undefined };
  const reservation = reserve(key, model, tokens, now);
  look();
  settle(reservation, is, limits, now);
  look();
  learn(key.state, model, is, now, middling);
  look();
  release(reservation, tokens * 2, now);
  look();
  new ProbeSchedule().due([key], MINUTE, now, middling);
  look();
  if (verdict !== null) learnVerdict(key.state, verdict, MINUTE, now, middling);
  look();
}

test("whatever a key has learned, it is after a restart as it would have been without", () => {
  assert(
    property(
      array(attempt, { minLength: 1, maxLength: 60 }),
      integer({ min: 0, max: 2 * DAY }),
      (attempts, downMs) => {
        const key = keyWith({ name: "key", bounds: createBounds(LIMITS) });
        let now = NOW;
        for (const each of attempts) {
          now += each.afterMs;
          live(key, each, now);
        }
        const then = now + downMs;
        const next = restarted(key.state, { bounds: key.bounds, savedMs: now, now: then, limits: LIMITS });
        const { setAside, timesDead, vouchedFor } = key.state;
        expect(next.state).toMatchObject({ timesDead, vouchedFor });
        expect(next.state.setAside).toEqual(setAside);
        for (const model of ["gpt-4o", "o3", "", "__proto__", "never-asked"]) {
          expect(obstacleOf(next.state, model, then)).toEqual(obstacleOf(key.state, model, then));
          const before = key.state.byModel.get(model)?.meter;
          const after = next.state.byModel.get(model)?.meter;
          const fitsBefore = before === undefined ? then : meterFitsAt(before, 100, then);
          expect(after === undefined ? then : meterFitsAt(after, 100, then)).toBe(fitsBefore);
        }
        const fits = (bounds: Bounds) => boundsFitAt(bounds, 0, 3_000, then);
        // A window is kept in fewer parts than it is counted in, never to come back sooner.
        const laterMs = fits(next.bounds) - fits(key.bounds);
        expect(laterMs).toBeWithin(
          0,
          then < now + MINUTE_BACK ? MINUTE_BACK / KEPT_PARTS : DAY_BACK / KEPT_PARTS,
        );
        for (const bound of ["rpm", "tpm", "rpd"] as const)
          expect(next.bounds[bound]?.left(then)).toBeLessThanOrEqual(key.bounds[bound]?.left(then) ?? 0);
      },
    ),
  );
});

test("there is never anything new to keep that the revision does not tell of", () => {
  assert(
    property(array(attempt, { minLength: 1, maxLength: 30 }), (attempts) => {
      const key = keyWith({ name: "key", bounds: createBounds(LIMITS) });
      let seen = { record: "", revision: -1 };
      const look = () => {
        const kept = JSON.stringify(recordKey(key.state, key.bounds, NOW));
        const revision = key.state.revision + key.bounds.revision;
        if (kept !== seen.record) expect(revision).not.toBe(seen.revision);
        seen = { record: kept, revision };
      };
      look();
      for (const each of attempts) live(key, each, NOW, look);
    }),
  );
});

test.each<Outcome>([
  { kind: "limited", scope: "model", retryAfterMs: undefined },
  { kind: "limited", scope: "key", retryAfterMs: undefined },
  { kind: "spent", reason: "insufficient_quota", retryAfterMs: undefined },
])("the streak goes on: the next refusal ($kind) rests the key for as long as it would have", (refusal) => {
  const refuse = (state: KeyState, at: number) => learn(state, MODEL, refusal, at, () => 0.999);
  const state = createKeyState();
  for (let turn = 0; turn < 3; turn += 1) refuse(state, NOW + turn * 6 * HOUR);
  const later = NOW + 2 * DAY;
  const { state: next } = restarted(state, { savedMs: NOW + DAY, now: later });
  const change = refuse(next, later);
  expect(change?.untilMs).toBeGreaterThan(later);
  expect(change).toEqual(refuse(state, later)!);
});

test("requests under way, the upstream's circuit and what is not learned yet do not last", () => {
  const state = stateWith((it) => {
    it.inFlight = 3;
    it.ttfbMs = 700;
    it.suspect = true;
    modelStateOf(it, MODEL);
  });
  expect(restarted(state).state).toEqual(createKeyState());
});

describe("when the clock was put back", () => {
  const state = stateWith((it) => {
    it.coolUntilMs = NOW + MINUTE;
    it.setAside = { kind: "spent", reason: "HTTP 402", untilMs: NOW + HOUR };
    modelStateOf(it, MODEL).unservedUntilMs = NOW + HOUR;
  });

  test("each rest goes on for as long as it had left", () => {
    const then = NOW - 3 * DAY;
    const next = restarted(state, { now: then }).state;
    expect(next.coolUntilMs - then).toBe(MINUTE);
    expect(next.setAside).toMatchObject({ untilMs: then + HOUR });
    expect(next.byModel.get(MODEL)?.unservedUntilMs).toBe(then + HOUR);
  });

  test("a bound does not wait for the time at which it was used to come round again", () => {
    const bounds = createBounds(LIMITS);
    for (let request = 0; request < 60; request += 1) takeFromBounds(bounds, 1, NOW);
    const then = NOW - 3 * DAY;
    const next = restarted(createKeyState(), { bounds, now: then, limits: LIMITS });
    expect(boundsFitAt(next.bounds, 0, 1, then)).toBe(then + MINUTE_BACK);
  });
});

describe("bounds", () => {
  const used = (limits: LimitsConfig, requests: number) => {
    const bounds = createBounds(limits);
    for (let request = 0; request < requests; request += 1) takeFromBounds(bounds, 1, NOW);
    return bounds;
  };
  const leftOfDay = (key: RotationKey, now: number) => key.bounds.rpd?.left(now);

  test("are used up after a restart as far as they were before", () => {
    const limits = { ...NO_LIMITS, rpd: 1_000 };
    expect(leftOfDay(restarted(createKeyState(), { bounds: used(limits, 400), limits }), NOW)).toBe(600);
    const minutes = { ...NO_LIMITS, rpm: 1_000 };
    const now = NOW + MINUTE / 2;
    const { bounds } = restarted(createKeyState(), { bounds: used(minutes, 800), limits: minutes, now });
    expect(bounds.rpm?.left(now)).toBe(200);
    expect(bounds.rpm?.left(NOW + MINUTE_BACK)).toBe(1_000);
  });

  test("of a day are whole again when it is over, and not before", () => {
    const limits = { ...NO_LIMITS, rpd: 1_000 };
    const bounds = used(limits, 1_000);
    const later = restarted(createKeyState(), { bounds, limits, now: NOW + 12 * HOUR }).bounds;
    expect(boundsFitAt(later, 0, 1, NOW + 12 * HOUR)).toBe(NOW + DAY_BACK);
    const tomorrow = restarted(createKeyState(), { bounds, limits, now: NOW + DAY_BACK });
    expect(leftOfDay(tomorrow, NOW + DAY_BACK)).toBe(1_000);
  });

  test("of a day that was put back with the clock end no later for it", () => {
    const limits = { ...NO_LIMITS, rpd: 10 };
    const then = NOW - 3 * DAY;
    const { bounds } = restarted(createKeyState(), { bounds: used(limits, 10), limits, now: then });
    expect(boundsFitAt(bounds, 0, 1, then)).toBe(then + DAY_BACK);
  });

  test("that the configuration has changed meanwhile are as used as before", () => {
    const bounds = used({ ...NO_LIMITS, rpd: 1_000 }, 400);
    const after = (rpd: number) =>
      leftOfDay(restarted(createKeyState(), { bounds, limits: { ...NO_LIMITS, rpd, rpm: 5 } }), NOW);
    expect(after(2_000)).toBe(1_600);
    expect(after(300)).toBe(-100);
  });

  test("that an earlier version kept count as used when something was last taken from them", () => {
    const key = keyWith({ name: "key", bounds: createBounds({ ...NO_LIMITS, rpm: 60, rpd: 100 }) });
    const bounds = {
      rpm: { limit: 60, remaining: 20, atMs: NOW - 10_000 },
      rpd: { limit: 100, remaining: 30, atMs: NOW - HOUR, resetAtMs: NOW + HOUR },
    };
    const former = { ...recordKey(createKeyState(), createBounds(NO_LIMITS), NOW), bounds };
    expect(restoreKey(key.state, key.bounds, JSON.parse(JSON.stringify(former)), NOW, NOW)).toBe(true);
    expect(key.bounds.rpm?.left(NOW)).toBe(20);
    expect(key.bounds.rpm?.left(NOW + MINUTE_BACK - 10_000)).toBe(60);
    expect(key.bounds.rpd?.fitsAt(31, NOW)).toBe(NOW + DAY_BACK - HOUR);
  });
});

describe("a state that has learned something itself by then", () => {
  test("keeps its longer deadlines, and takes over those that are longer", () => {
    const before = stateWith((it) => {
      it.coolUntilMs = NOW + MINUTE;
      modelStateOf(it, MODEL).coolUntilMs = NOW + HOUR;
    });
    const now = stateWith((it) => {
      it.coolUntilMs = NOW + 2 * MINUTE;
      modelStateOf(it, MODEL).coolUntilMs = NOW + MINUTE;
    });
    restoreKey(now, createBounds(NO_LIMITS), written(before, createBounds(NO_LIMITS), NOW), NOW, NOW);
    expect(now.coolUntilMs).toBe(NOW + 2 * MINUTE);
    expect(now.byModel.get(MODEL)?.coolUntilMs).toBe(NOW + HOUR);
  });

  test("needs no pace where its provider tells limits by now", () => {
    const before = stateWith((it) => {
      const { meter } = modelStateOf(it, MODEL);
      meter.pace = firstPace(UNUSED, 1_000, 1, NOW);
      meter.tokenPace = firstPace(UNUSED, 1_000, 1, NOW, 500);
    });
    const told = stateWith((it) => {
      const { meter } = modelStateOf(it, MODEL);
      const limit = { limit: 10, remaining: 9, fullInMs: MINUTE };
      hearOn(meter, reserveOn(meter, 1, NOW), { requests: limit, tokens: undefined }, NOW);
    });
    const bounds = createBounds(NO_LIMITS);
    restoreKey(told, bounds, written(before, bounds, NOW), NOW, NOW);
    expect(modelStateOf(told, MODEL).meter.pace).toBeUndefined();
    const { pace, tokenPace } = modelStateOf(restarted(before).state, MODEL).meter;
    expect(pace).toMatchObject({ guessed: true, gauge: { perMs: 1 / 1_000 } });
    expect(tokenPace).toMatchObject({ guessed: true, gauge: { perMs: 500 / 1_000 } });
  });

  test("is not set aside where it has served since", () => {
    const dead = stateWith((it) => (it.setAside = { kind: "dead", reason: "HTTP 401" }));
    const bounds = createBounds(NO_LIMITS);
    const alive = stateWith((it) => (it.lastServedMs = NOW + 1));
    restoreKey(alive, bounds, written(dead, bounds, NOW), NOW, NOW + 2);
    expect(alive.setAside).toBeUndefined();
  });

  test("is not dead where its provider has taken it again since", () => {
    const dead = stateWith((it) => (it.setAside = { kind: "dead", reason: "HTTP 401" }));
    const back = stateWith((it) => {
      it.setAside = dead.setAside;
      learnVerdict(it, "taken", MINUTE, NOW + 1, () => 0.5);
    });
    const bounds = createBounds(NO_LIMITS);
    restoreKey(back, bounds, written(dead, bounds, NOW), NOW, NOW + 2);
    expect(back.setAside).toBeUndefined();
  });

  test("adds what it has used of its bounds to what was used before", () => {
    const limits = { ...NO_LIMITS, rpd: 100 };
    const [before, now] = [createBounds(limits), createBounds(limits)];
    for (let request = 0; request < 30; request += 1) takeFromBounds(before, 1, NOW);
    for (let request = 0; request < 20; request += 1) takeFromBounds(now, 1, NOW + HOUR);
    restoreKey(createKeyState(), now, written(createKeyState(), before, NOW), NOW, NOW + HOUR);
    expect(now.rpd?.left(NOW + HOUR)).toBe(50);
    expect(now.rpd?.fitsAt(51, NOW + HOUR)).toBe(NOW + DAY_BACK);
  });
});

describe("what cannot be", () => {
  const bounds = createBounds({ ...NO_LIMITS, rpd: 10 });
  const GAUGE = { refill: "bucket", limit: 10, remaining: 5, atMs: NOW, perMs: 1, resetAtMs: 0, windowMs: 0 };
  const MODEL_RECORD = { model: MODEL, coolUntilMs: 0, refusals: 0, unservedUntilMs: 0 };
  const RECORD = {
    timesSpent: 0,
    timesDead: 0,
    vouchedFor: false,
    coolUntilMs: NOW + HOUR,
    refusals: 0,
    bounds: {},
    models: [],
  };

  test.each<[string, unknown]>([
    ["nothing", null],
    ["a list", []],
    ["no fields", {}],
    ["a text for a number", { ...RECORD, coolUntilMs: "soon" }],
    ["a number without end", JSON.parse(JSON.stringify(RECORD).replace(`${NOW + HOUR}`, "1e999"))],
    ["a time before time", { ...RECORD, coolUntilMs: -1 }],
    ["a kind that is none", { ...RECORD, setAside: { kind: "lost", reason: "" } }],
    ["a limit of nothing", { ...RECORD, models: [{ ...MODEL_RECORD, requests: { ...GAUGE, limit: 0 } }] }],
    [
      "a window that never ends",
      { ...RECORD, models: [{ ...MODEL_RECORD, tokens: { ...GAUGE, windowMs: 1e300 } }] },
    ],
    [
      "more parts of a day than it has",
      { ...RECORD, bounds: { rpd: { limit: 10, taken: Array.from({ length: 100 }, () => [NOW, 1]) } } },
    ],
    ["more models than there are", { ...RECORD, models: Array.from({ length: 201 }, () => MODEL_RECORD) }],
  ])("in a record, such as %s, changes nothing", (_name, garbage) => {
    const state = createKeyState();
    expect(restoreKey(state, bounds, garbage, NOW, NOW)).toBe(false);
    expect(state).toEqual(createKeyState());
  });

  test("in an instant is no rest for ever", () => {
    const state = createKeyState();
    const never = NOW + 400 * DAY;
    const garbage = {
      ...RECORD,
      coolUntilMs: never,
      setAside: { kind: "spent", reason: "", untilMs: never },
      bounds: { rpd: { limit: 10, taken: [[never, 1e12]] } },
      models: [
        {
          ...MODEL_RECORD,
          coolUntilMs: never,
          unservedUntilMs: 1e300,
          requests: { ...GAUGE, atMs: never, remaining: -1e12 },
          tokens: { ...GAUGE, perMs: 1e-300 },
          pace: { gauge: { ...GAUGE, perMs: 0 }, accepted: 0, sinceMs: 0, sinceRaise: 0, measured: true },
        },
      ],
    };
    expect(restoreKey(state, bounds, garbage, NOW, NOW)).toBe(true);
    const dead = createKeyState();
    const lost = { kind: "dead", reason: "", comeback: { by: "probe", atMs: never } };
    expect(restoreKey(dead, bounds, { ...RECORD, setAside: lost }, NOW, NOW)).toBe(true);
    expect(dead.setAside).toEqual({ kind: "dead", reason: "" });
    expect(obstacleOf(state, MODEL, NOW)).toBeUndefined();
    expect(meterFitsAt(modelStateOf(state, MODEL).meter, 1, NOW)).toBe(NOW);
    expect(boundsFitAt(bounds, 0, 1, NOW)).toBe(NOW);
  });
});

describe("models that clients make up", () => {
  const manyModels = (count: number, change: (state: KeyState, model: string, index: number) => void) =>
    stateWith((it) => {
      for (let index = 0; index < count; index += 1) change(it, `made-up-${index}`, index);
    });
  const sizeOf = (state: KeyState, now: number) =>
    JSON.stringify(recordKey(state, createBounds(NO_LIMITS), now)).length;

  test("do not make a record grow without bound: those used last are kept", () => {
    const state = manyModels(5_000, (it, model, index) => {
      modelStateOf(it, model).unservedUntilMs = NOW + HOUR + index;
    });
    const { byModel } = restarted(state).state;
    expect(byModel.size).toBe(200);
    expect(byModel.has("made-up-4999")).toBe(true);
    expect(byModel.has("made-up-4799")).toBe(false);
  });

  test("leave nothing once what was known of them is over", () => {
    const state = manyModels(100, (it, model) => (modelStateOf(it, model).unservedUntilMs = NOW + HOUR));
    expect(sizeOf(state, NOW + HOUR)).toBe(sizeOf(createKeyState(), NOW));
  });

  test("of names longer than any has are not kept", () => {
    const state = stateWith((it) => (modelStateOf(it, "x".repeat(100_000)).coolUntilMs = NOW + HOUR));
    expect(sizeOf(state, NOW)).toBe(sizeOf(createKeyState(), NOW));
  });

  test("do not pile up in the key itself either", () => {
    const state = manyModels(5_000, (it, model) => modelStateOf(it, model));
    expect(state.byModel.size).toBe(1_000);
    expect(state.byModel.has("made-up-4999")).toBe(true);
  });
});

test("a key that its owner disabled stays so", () => {
  const next = restarted(stateWith((state) => (state.disabled = true)));
  expect(next.state.disabled).toBe(true);
});
