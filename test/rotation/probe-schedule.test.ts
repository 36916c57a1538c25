import { expect, test } from "bun:test";

import type { Outcome } from "../../src/providers/outcome.ts";
import { recordFailure } from "../../src/rotation/breaker.ts";
import { type KeyState, type RotationKey } from "../../src/rotation/key-state.ts";
import { learn } from "../../src/rotation/learn.ts";
import { ProbeSchedule } from "../../src/rotation/probe-schedule.ts";
import { HOUR, keyWith, MINUTE, NOW, seededRandom, stateWith } from "./rotation-key.ts";

const DEAD: Outcome = { kind: "dead", reason: "invalid_api_key", certain: true };
const SECOND = 1_000;

const dead = () => stateWith((state: KeyState) => void learn(state, "", DEAD, NOW, Math.random));
const deadKey = (name: string, upstream = "https://api.openai.com") =>
  keyWith({ name, upstream, state: dead() });

/** A schedule that has seen the keys, and is asked from then on. */
function scheduleOf(keys: readonly RotationKey[]) {
  const schedule = new ProbeSchedule<RotationKey>();
  const random = seededRandom(1);
  const due = (now: number, of = keys) => schedule.due(of, MINUTE, now, random);
  const conclude = (key: RotationKey, verdict: Parameters<typeof schedule.conclude>[1], now: number) =>
    schedule.conclude(key, verdict, MINUTE, now, random);
  expect(due(NOW)).toEqual([]);
  return { due, conclude };
}

test("a dead key is asked about after the first time, once, and not before", () => {
  const key = deadKey("dead");
  const { due } = scheduleOf([key]);
  expect(due(NOW + 0.79 * MINUTE)).toEqual([]);
  expect(due(NOW + 1.21 * MINUTE)).toEqual([key]);
  expect(due(NOW + HOUR)).toEqual([]);
});

test("keys that serve, rest or are spent are not asked about", () => {
  const spent = stateWith((state) => {
    state.setAside = { kind: "spent", reason: "insufficient_quota", untilMs: NOW + 1 };
  });
  const limited = stateWith((state) => (state.coolUntilMs = NOW + 1));
  const keys = [
    keyWith({ name: "sound" }),
    keyWith({ name: "spent", state: spent }),
    keyWith({ name: "limited", state: limited }),
  ];
  const { due } = scheduleOf(keys);
  expect(due(NOW + 100 * HOUR)).toEqual([]);
});

test("a key that a reload removed is not asked about any more", () => {
  const [stays, goes] = [deadKey("stays"), deadKey("goes")];
  const { due } = scheduleOf([stays, goes]);
  expect(due(NOW + HOUR, [stays])).toEqual([stays]);
});

test("a key that a reload made anew is not asked about twice at once", () => {
  const key = deadKey("before");
  const { due, conclude } = scheduleOf([key]);
  expect(due(NOW + HOUR)).toEqual([key]);
  const renamed = keyWith({ name: "after", state: key.state });
  expect(due(NOW + HOUR, [renamed])).toEqual([]);
  expect(conclude(key, "taken", NOW + HOUR)).toEqual({ kind: "recovered" });
});

test("ten thousand dead keys are asked about four at a time, each within its hour, and each only once in it", () => {
  const keys = Array.from({ length: 10_000 }, (_, index) => deadKey(`key-${index}`));
  const { due, conclude } = scheduleOf(keys);
  const asked = new Map<RotationKey, number>();
  for (let now = NOW; now < NOW + HOUR; now += SECOND) {
    const probes = due(now);
    expect(probes.length).toBeLessThanOrEqual(4);
    for (const key of probes) {
      asked.set(key, (asked.get(key) ?? 0) + 1);
      // As if it had died often.
      key.state.timesDead = 20;
      conclude(key, "refused", now);
    }
  }
  expect(asked.size).toBe(10_000);
  expect(Math.max(...asked.values())).toBeLessThanOrEqual(2);
});

test("probes that hang hold up further ones, and nothing else", () => {
  const keys = Array.from({ length: 10 }, (_, index) => deadKey(`key-${index}`));
  const { due, conclude } = scheduleOf(keys);
  const hanging = due(NOW + HOUR);
  expect(hanging).toHaveLength(4);
  expect(due(NOW + 2 * HOUR)).toEqual([]);
  for (const key of hanging) conclude(key, "refused", NOW + 2 * HOUR);
  expect(due(NOW + 2 * HOUR)).toHaveLength(4);
});

test("an upstream that cannot be asked is left alone for a minute, others are not", () => {
  const there = deadKey("there", "https://there.example");
  const gone = Array.from({ length: 20 }, (_, index) => deadKey(`gone-${index}`, "https://gone.example"));
  const { due, conclude } = scheduleOf([...gone, there]);
  const first = due(NOW + HOUR);
  for (const key of first) conclude(key, "trouble", NOW + HOUR);
  expect(due(NOW + HOUR + SECOND)).toEqual([there]);
  expect(due(NOW + HOUR + MINUTE - 1)).toEqual([]);
  expect(due(NOW + HOUR + MINUTE)).toHaveLength(3);
});

test("an upstream whose circuit is open is not asked", () => {
  const key = deadKey("dead");
  const { due } = scheduleOf([key]);
  for (let failure = 0; failure < 5; failure += 1) recordFailure(key.breaker, false, NOW + HOUR);
  expect(due(NOW + HOUR)).toEqual([]);
  expect(due(NOW + HOUR + 5 * SECOND)).toEqual([key]);
});
