import { describe, expect, test } from "bun:test";

import { FixedWindow, TokenBucket } from "../../../src/demo/limits.ts";
import {
  acceptOn,
  createMeter,
  type Meter,
  meterFitsAt,
  refuseOn,
  reserveOn,
} from "../../../src/rotation/limits/meter.ts";
import { slowDown } from "../../../src/rotation/limits/pace.ts";
import { MINUTE, NOW, seededRandom } from "../rotation-key.ts";

interface Tally {
  accepted: number;
  refused: number;
}

/**
 * Poisson arrivals at a provider that tells nothing but, with a refusal, how long to rest; each is sent
 * as soon as the meter has room and dropped where it has none within a second.
 *
 * @param demand  as a part of the limit
 * @param hints   whether refusals say how long to rest; otherwise a second is rested
 * @returns what happened in each window
 */
function drive(
  meter: Meter,
  provider: TokenBucket | FixedWindow,
  { demand, windows, hints, from = NOW }: { demand: number; windows: number; hints: boolean; from?: number },
): Tally[] {
  const random = seededRandom(provider.limit);
  const perMs = (provider.limit / provider.windowMs) * demand;
  const tallies = Array.from({ length: windows }, () => ({ accepted: 0, refused: 0 }));
  const end = from + windows * provider.windowMs;
  let restUntil = 0;
  let now = from;
  for (;;) {
    now += -Math.log(1 - random()) / perMs;
    if (now >= end) return tallies;
    const at = Math.max(meterFitsAt(meter, 1, now), restUntil);
    if (at > now + 1_000 || at >= end) continue;
    now = Math.max(now, at);
    const tally = tallies[Math.floor((now - from) / provider.windowMs)]!;
    reserveOn(meter, 1, now);
    const waitMs = provider.waitMs(1, now);
    if (waitMs === 0) {
      provider.take(1, now);
      acceptOn(meter);
      tally.accepted += 1;
    } else {
      refuseOn(meter, hints ? waitMs : undefined, now);
      restUntil = now + (hints ? waitMs : 1_000);
      tally.refused += 1;
    }
  }
}

function sum(tallies: readonly Tally[]): Tally {
  return {
    accepted: tallies.reduce((total, { accepted }) => total + accepted, 0),
    refused: tallies.reduce((total, { refused }) => total + refused, 0),
  };
}

describe.each([
  ["token bucket", TokenBucket],
  ["fixed window", FixedWindow],
] as const)("an untold %s", (_kind, Limit) => {
  test.each([
    [60, 1.2, true],
    [60, 1.2, false],
    [600, 1.2, true],
    [600, 1.2, false],
    [600, 3, true],
    [600, 3, false],
  ])("of %i, asked for %d of it (hints: %p), is used with few refusals", (limit, demand, hints) => {
    const tallies = drive(createMeter(), new Limit(limit, MINUTE), { demand, windows: 20, hints });
    const settled = sum(tallies.slice(5));
    expect(settled.refused / (settled.accepted + settled.refused)).toBeLessThan(0.05);
    expect(settled.accepted / (limit * 15)).toBeGreaterThan(0.9);
  });
});

test("a key that served less than its limit is not paced at all", () => {
  const meter = createMeter();
  const { accepted, refused } = sum(
    drive(meter, new TokenBucket(600, MINUTE), { demand: 0.5, windows: 5, hints: true }),
  );
  expect(refused).toBe(0);
  expect(accepted).toBeGreaterThan(1_000);
  expect(meter.pace).toBeUndefined();
});

test("refusals of requests that were under way together slow the key down once", () => {
  const first = slowDown(undefined, 60, NOW, undefined, NOW + 30_000);
  const perMs = first.gauge.perMs;
  let pace = first;
  for (let refusal = 0; refusal < 40; refusal += 1)
    pace = slowDown(pace, 60, NOW, undefined, NOW + 30_000 + refusal);
  expect(pace.gauge.perMs).toBe(perMs);
});

test("a later refusal never makes the pace faster, and slows it to half at most", () => {
  const first = slowDown(undefined, 60, NOW, undefined, NOW + 30_000);
  first.accepted = 500;
  const faster = slowDown(first, 560, NOW, undefined, NOW + 31_000);
  expect(faster.gauge.perMs).toBeLessThan(first.gauge.perMs);
  first.accepted = 1;
  const slower = slowDown(first, 560, NOW, undefined, NOW + 3_000_000);
  expect(slower.gauge.perMs).toBeGreaterThan(0.45 * first.gauge.perMs);
});

test("nothing is sent before the rest that the provider asked for is over", () => {
  const meter = createMeter();
  reserveOn(meter, 1, NOW);
  acceptOn(meter);
  refuseOn(meter, 5_000, NOW + 1_000);
  expect(meterFitsAt(meter, 1, NOW + 1_000)).toBeGreaterThanOrEqual(NOW + 6_000);
});
