import { describe, expect, test } from "bun:test";

import { FixedWindow, TokenBucket } from "../../../src/demo/limits.ts";
import type { Outcome } from "../../../src/providers/outcome.ts";
import { modelStateOf, type RotationKey } from "../../../src/rotation/key-state.ts";
import { learn } from "../../../src/rotation/learn.ts";
import {
  acceptOn,
  createMeter,
  hearOn,
  meterFitsAt,
  meterHeadroom,
  refuseOn,
  reserveOn,
} from "../../../src/rotation/limits/meter.ts";
import { available } from "../../../src/rotation/limits/gauge.ts";
import { firstPace, slowDown, speedUp } from "../../../src/rotation/limits/pace.ts";
import { obstacleOf } from "../../../src/rotation/obstacle.ts";
import { release, reserve, roomAt, settle } from "../../../src/rotation/reserve.ts";
import { keyWith, MINUTE, NOW, seededRandom } from "../rotation-key.ts";

interface Tally {
  accepted: number;
  refused: number;
}

const MODEL = "gpt-4o";

/** How long a request waits for the key to have room, as by default. */
const MAX_WAIT_MS = 15_000;

/**
 * Poisson arrivals at one key of a provider that tells no limits, each sent as soon as the key may be
 * used, in the order of arrival.
 *
 * @param demand  as a part of the limit
 * @param hints   whether refusals say how long to rest
 * @returns what happened in each window
 */
function drive(
  key: RotationKey,
  provider: TokenBucket | FixedWindow,
  { demand, windows, hints }: { demand: number; windows: number; hints: boolean },
  startMs = NOW,
): Tally[] {
  const random = seededRandom(provider.limit);
  const perMs = (provider.limit / provider.windowMs) * demand;
  const tallies = Array.from({ length: windows }, () => ({ accepted: 0, refused: 0 }));
  const end = startMs + windows * provider.windowMs;
  let now = startMs;
  for (let arrival = startMs; arrival < end; arrival -= Math.log(1 - random()) / perMs) {
    const from = Math.max(now, arrival);
    const at = Math.ceil(Math.max(obstacleUntil(key, from), roomAt(key, MODEL, 1, from)));
    if (at > arrival + MAX_WAIT_MS || at >= end) continue;
    now = at;
    const tally = tallies[Math.floor((now - startMs) / provider.windowMs)]!;
    const waitMs = provider.waitMs(1, now);
    const reservation = reserve(key, MODEL, 1, now);
    const retryAfterMs = hints ? waitMs : undefined;
    const outcome: Outcome =
      waitMs === 0 ? { kind: "served" } : { kind: "limited", scope: "model", retryAfterMs };
    if (waitMs === 0) {
      provider.take(1, now);
      tally.accepted += 1;
    } else tally.refused += 1;
    settle(reservation, outcome, undefined, now);
    learn(key.state, MODEL, outcome, now, random);
    release(reservation, undefined, now);
  }
  return tallies;
}

function obstacleUntil(key: RotationKey, now: number): number {
  const obstacle = obstacleOf(key.state, MODEL, now);
  return obstacle?.kind === "limited" ? obstacle.untilMs : now;
}

function sum(tallies: readonly Tally[]): Tally {
  return {
    accepted: tallies.reduce((total, { accepted }) => total + accepted, 0),
    refused: tallies.reduce((total, { refused }) => total + refused, 0),
  };
}

describe.each([
  ["token bucket that hints", TokenBucket, true],
  ["token bucket that does not hint", TokenBucket, false],
  ["fixed window that hints", FixedWindow, true],
  ["fixed window that does not hint", FixedWindow, false],
] as const)("an untold %s", (_kind, Limit, hints) => {
  test.each([
    [60, 1.2],
    [600, 1.2],
    [600, 3],
  ])("of %i, asked for %d of it, is used with few refusals", (limit, demand) => {
    const key = keyWith({ name: "untold" });
    const tallies = drive(key, new Limit(limit, MINUTE), { demand, windows: 20, hints });
    const settled = sum(tallies.slice(5));
    expect(settled.refused / (settled.accepted + settled.refused)).toBeLessThan(0.05);
    expect(settled.accepted / (limit * 15)).toBeGreaterThan(0.9);
  });
});

test("a limit that was raised to the double is found again within minutes", () => {
  const key = keyWith({ name: "untold" });
  const before = drive(key, new TokenBucket(120, MINUTE), { demand: 2, windows: 8, hints: true });
  expect(sum(before.slice(2)).accepted).toBeLessThan(6 * 126);
  const raised = new TokenBucket(240, MINUTE);
  const after = drive(key, raised, { demand: 1.5, windows: 5, hints: true }, NOW + 8 * MINUTE);
  expect(after[1]?.accepted).toBeGreaterThan(220);
});

test("a key that served less than its limit is not paced at all", () => {
  const key = keyWith({ name: "untold" });
  const { accepted, refused } = sum(
    drive(key, new TokenBucket(600, MINUTE), { demand: 0.5, windows: 5, hints: true }),
  );
  expect(refused).toBe(0);
  expect(accepted).toBeGreaterThan(1_000);
  expect(modelStateOf(key.state, MODEL).meter.pace).toBeUndefined();
});

const RECENT = { accepted: 60, sinceMs: NOW, before: 0 };

test("refusals that follow at once slow the key down once", () => {
  const first = firstPace(RECENT, undefined, 60, NOW + 30_000);
  const { perMs } = first.gauge;
  let pace = first;
  for (let refusal = 0; refusal < 40; refusal += 1)
    pace = slowDown(pace, undefined, 60, NOW + 30_000 + refusal);
  expect(pace.gauge.perMs).toBe(perMs);
});

test("answers to requests that were sent before a refusal say nothing of the pace after it", () => {
  const meter = createMeter();
  const marks = Array.from({ length: 200 }, () => reserveOn(meter, 1, NOW));
  for (const [index, mark] of marks.entries()) {
    if (index % 2 === 0) acceptOn(meter, mark, NOW + 100);
    else refuseOn(meter, mark, undefined, NOW + 100);
  }
  const { perMs } = firstPace(
    { accepted: 1, sinceMs: NOW + 100, before: 0 },
    undefined,
    200,
    NOW + 100,
  ).gauge;
  expect(meter.pace?.gauge.perMs).toBe(perMs);
});

test("a quiet time before the first refusal does not make the pace a crawl", () => {
  const meter = createMeter();
  for (let hour = 0; hour < 10; hour += 1)
    acceptOn(meter, reserveOn(meter, 1, NOW), NOW + hour * 60 * MINUTE);
  const busy = NOW + 600 * MINUTE;
  for (let request = 0; request < 60; request += 1)
    acceptOn(meter, reserveOn(meter, 1, busy), busy + request);
  refuseOn(meter, reserveOn(meter, 1, busy + 60), undefined, busy + 60);
  expect(meter.pace!.gauge.perMs * MINUTE).toBeGreaterThan(50);
});

test("nor does one between the last answer and the first refusal, whose rest is known", () => {
  const meter = createMeter();
  acceptOn(meter, reserveOn(meter, 1, NOW), NOW);
  const late = NOW + 600 * MINUTE;
  refuseOn(meter, reserveOn(meter, 1, late), 2_000, late);
  expect(meter.pace!.gauge.perMs).toBe(1 / 2_000);
});

test("a later refusal never makes the pace faster, and slows it to half at most", () => {
  const first = firstPace(RECENT, undefined, 60, NOW + 30_000);
  first.accepted = 500;
  const faster = slowDown(first, undefined, 560, NOW + 130_000);
  expect(faster.gauge.perMs).toBeLessThan(first.gauge.perMs);
  first.accepted = 1;
  const slower = slowDown(first, undefined, 560, NOW + 3_000_000);
  expect(slower.gauge.perMs).toBeGreaterThan(0.45 * first.gauge.perMs);
});

test("without a hint, further refusals show how long a used up window lasts", () => {
  const first = firstPace(RECENT, 0, 60, NOW + 30_000);
  first.accepted = 80;
  const second = slowDown(first, undefined, 140, NOW + 70_000);
  const after = slowDown(second, undefined, 141, NOW + 75_000).gauge.perMs;
  expect(after).toBeLessThan(0.95 * (80 / 40_000));
  expect(after).toBeGreaterThan(0.95 * (80 / 45_000));
});

test("one request may be sent when the rest that the provider asked for is over, and none before", () => {
  const meter = createMeter();
  const mark = reserveOn(meter, 1, NOW);
  acceptOn(meter, mark, NOW);
  refuseOn(meter, mark, 5_000, NOW + 1_000);
  expect(meterFitsAt(meter, 1, NOW + 1_000)).toBe(NOW + 6_000);
});

describe("a limit that counts tokens", () => {
  /** A key that took a thousand tokens a second for half a minute, and was refused one more of so many. */
  function refusedAt(tokens: number) {
    const meter = createMeter();
    for (let second = 0; second < 30; second += 1)
      acceptOn(meter, reserveOn(meter, 1_000, NOW + second * 1_000), NOW + second * 1_000);
    refuseOn(meter, reserveOn(meter, tokens, NOW + 30_000), 0, NOW + 30_000, "tokens");
    return meter;
  }

  test("paces tokens and not requests: one of ten times the size takes ten times as long", () => {
    const meter = refusedAt(1_000);
    expect(meter.pace).toBeUndefined();
    const resumeMs = meterFitsAt(meter, 1, NOW + 30_000);
    const after = (tokens: number) => {
      const paced = structuredClone(meter);
      reserveOn(paced, tokens, resumeMs);
      return meterFitsAt(paced, 1, resumeMs) - resumeMs;
    };
    expect(after(10_250) / after(1_250)).toBeCloseTo(10, 0);
  });

  test("leaves as many requests as its tokens are enough for", () => {
    const meter = refusedAt(1_000);
    const left = available(meter.tokenPace!.gauge, NOW + 60_000);
    expect(meterHeadroom(meter, NOW + 60_000)).toBeCloseTo(left / 1_000, 5);
  });

  test("needs no pace any more once it is told", () => {
    const meter = refusedAt(1_000);
    const tokens = { limit: 60_000, remaining: 30_000, fullInMs: 30_000 };
    hearOn(meter, reserveOn(meter, 10, NOW + 31_000), { requests: undefined, tokens }, NOW + 31_000);
    expect(meter.tokenPace).toBeUndefined();
  });
});

test("a pace of which little use is made is not raised", () => {
  const quiet = firstPace(RECENT, undefined, 60, NOW);
  const busy = firstPace(RECENT, undefined, 60, NOW);
  const { perMs } = quiet.gauge;
  for (let request = 1; request <= 80; request += 1) {
    speedUp(quiet, NOW + (request * 10) / perMs);
    speedUp(busy, NOW + request / perMs);
  }
  expect(quiet.gauge.perMs).toBe(perMs);
  expect(busy.gauge.perMs).toBeGreaterThan(2 * perMs);
});
