import { describe, expect, test } from "bun:test";

import { FixedWindow, TokenBucket } from "../../../src/demo/limits.ts";
import type { ToldLimit } from "../../../src/providers/told-limits.ts";
import { available, type Gauge, take } from "../../../src/rotation/limits/gauge.ts";
import { hear } from "../../../src/rotation/limits/hear.ts";
import {
  createMeter,
  hearOn,
  type Mark,
  meterFitsAt,
  reserveOn,
} from "../../../src/rotation/limits/meter.ts";
import { MINUTE, NOW, seededRandom } from "../rotation-key.ts";

const WINDOWS = 12;

/**
 * Sends as Poisson has it, or from a line where nothing fits, and hears each answer late.
 *
 * @returns in percent, of the attempts those refused, and of the limit what was used
 */
function send(
  Limit: typeof FixedWindow | typeof TokenBucket,
  limit: number,
  windowMs: number,
  load: number,
  latencyMs: number,
): { refused: number; used: number } {
  const random = seededRandom(limit + latencyMs);
  const provider = new Limit(limit, windowMs);
  const meter = createMeter();
  const underWay: { mark: Mark; told: ToldLimit; atMs: number }[] = [];
  let [sent, refused, waiting, nextMs] = [0, 0, 0, NOW];
  for (let now = NOW; now < NOW + WINDOWS * windowMs; now += 10) {
    for (const answer of underWay.filter(({ atMs }) => atMs <= now)) {
      underWay.splice(underWay.indexOf(answer), 1);
      hearOn(meter, answer.mark, { requests: answer.told, tokens: undefined }, now);
    }
    for (; nextMs <= now; waiting = Math.min(limit, waiting + 1))
      nextMs += (-Math.log(1 - random()) * windowMs) / limit / load;
    for (; waiting > 0 && meterFitsAt(meter, 1, now) <= now; waiting -= 1) {
      const mark = reserveOn(meter, 1, now);
      sent += 1;
      if (provider.waitMs(1, now) > 0) refused += 1;
      else provider.take(1, now);
      const remaining = Math.max(0, Math.floor(provider.available(now) + 1e-6));
      const told = { limit, remaining, fullInMs: provider.fullInMs(now) };
      underWay.push({ mark, told, atMs: now + Math.round(latencyMs * (0.2 + 0.8 * random())) });
    }
  }
  return { refused: (100 * refused) / sent, used: (100 * (sent - refused)) / limit / WINDOWS };
}

describe.each([500, 3_000, 10_000])("answers that take up to %i ms", (latencyMs) => {
  test.each([
    [10, 10_000],
    [60, 10_000],
    [600, 10_000],
    [60, MINUTE],
  ])("do not have a window of %i in %i ms overrun", (limit, windowMs) => {
    for (const load of [0.95, 1.2]) {
      const { refused, used } = send(FixedWindow, limit, windowMs, load, latencyMs);
      expect(refused).toBe(0);
      expect(used).toBeGreaterThan(85);
    }
  });

  test.each([10, 60, 600])("let all of a bucket of %i a minute be used", (limit) => {
    const { refused, used } = send(TokenBucket, limit, MINUTE, 1.2, latencyMs);
    expect(refused).toBe(0);
    expect(used).toBeGreaterThan(100);
  });
});

describe("what an answer says of a window that was over when it came", () => {
  const sentMs = NOW + 58_000;
  const usedUp = { limit: 10, remaining: 0, fullInMs: 2_000 };
  const begun = (): Gauge => {
    const gauge = hear(undefined, { limit: 10, remaining: 9, fullInMs: MINUTE }, 1, 0, NOW);
    take(gauge, 4, NOW + MINUTE);
    return gauge;
  };

  test("counts for nothing in the next", () => {
    const gauge = hear(begun(), usedUp, 10, 4, NOW + 63_000, sentMs);
    expect(available(gauge, NOW + 63_000)).toBe(6);
    expect(gauge.resetAtMs).toBe(NOW + 2 * MINUTE);
  });

  test("counts where its request may have been the next one's", () => {
    const answer = { limit: 10, remaining: 3, fullInMs: 59_000 };
    const gauge = hear(begun(), answer, 10, 0, NOW + 63_000, sentMs);
    expect(available(gauge, NOW + 63_000)).toBe(3);
  });
});
