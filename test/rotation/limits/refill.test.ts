import { describe, expect, test } from "bun:test";

import { FixedWindow, TokenBucket } from "../../../src/demo/limits.ts";
import { available, fitsAt, type Gauge, take } from "../../../src/rotation/limits/gauge.ts";
import { hear, hearRest } from "../../../src/rotation/limits/hear.ts";
import { MINUTE, NOW, seededRandom } from "../rotation-key.ts";

describe.each([
  ["bucket", TokenBucket],
  ["window", FixedWindow],
] as const)("a %s that is used up again and again", (kind, Limit) => {
  test.each([0, 20, 500, 3_000])("is recognised by answers that take up to %i ms", (latencyMs) => {
    const random = seededRandom(latencyMs + 1);
    const limit = 60;
    const provider = new Limit(limit, MINUTE);
    const underWay: { serial: number; sentMs: number; endMs: number; remaining: number; fullInMs: number }[] =
      [];
    let gauge: Gauge | undefined;
    let [serial, wrong, refused] = [0, 0, 0];
    for (let now = NOW; now < NOW + 10 * MINUTE; now += 10) {
      for (const answer of underWay.filter(({ endMs }) => endMs <= now)) {
        underWay.splice(underWay.indexOf(answer), 1);
        gauge = hear(gauge, { limit, ...answer }, answer.serial, serial - answer.serial, now, answer.sentMs);
        // A burst into what was there at first looks the same for both.
        if (serial > limit && gauge.refill !== kind) wrong += 1;
      }
      if (gauge === undefined ? serial > 0 : fitsAt(gauge, 1, now) > now) continue;
      serial += 1;
      if (gauge !== undefined) take(gauge, 1, now);
      if (provider.waitMs(1, now) > 0) refused += 1;
      else provider.take(1, now);
      const remaining = Math.max(0, Math.floor(provider.available(now) + 1e-6));
      const endMs = now + Math.round(random() * latencyMs);
      underWay.push({ serial, sentMs: now, endMs, remaining, fullInMs: provider.fullInMs(now) });
    }
    expect(wrong).toBe(0);
    expect(refused / serial).toBeLessThan(0.01);
    expect(serial - refused).toBeGreaterThan(0.95 * limit * 10);
  });
});

describe("a small limit", () => {
  const afterTwo = (first: [used: number, fullInMs: number], second: [used: number, fullInMs: number]) => {
    let gauge: Gauge | undefined;
    for (const [index, [used, fullInMs]] of [first, second].entries())
      gauge = hear(gauge, { limit: 3, remaining: 3 - used, fullInMs }, index + 1, 0, NOW + index * 100);
    return gauge;
  };

  test("is a bucket as soon as its end has moved by many seconds", () => {
    let gauge = afterTwo([1, 10_000], [2, 19_900]);
    expect(gauge?.refill).toBe("bucket");
    gauge = hear(gauge, { limit: 3, remaining: 0, fullInMs: 29_800 }, 3, 0, NOW + 200);
    expect(fitsAt(gauge, 1, NOW + 200) - NOW - 200).toBeWithin(9_900, 10_001);
  });

  test("is one by resets in whole seconds too", () => {
    expect(afterTwo([1, 10_000], [2, 20_000])?.refill).toBe("bucket");
  });

  test("is a window where its end stays, whatever is rounded", () => {
    expect(afterTwo([1, 30_000], [2, 29_900])?.refill).toBe("window");
    expect(afterTwo([1, 10_000], [2, 11_000])?.refill).toBe("window");
  });

  test("is not told from the moves of a few seconds", () => {
    expect(afterTwo([1, 3_000], [2, 5_900])?.refill).toBe("window");
  });
});

test("a used up limit that is full again soon waits until then, for all that the first answer says", () => {
  const gauge = hear(undefined, { limit: 60, remaining: 0, fullInMs: 6_000 }, 1, 0, NOW);
  expect(fitsAt(gauge, 1, NOW)).toBe(NOW + 6_000);
});

describe("a refusal", () => {
  const usedUp = (): Gauge => hear(undefined, { limit: 60, remaining: 0, fullInMs: MINUTE }, 1, 0, NOW);

  test("that is over long before all is there again tells a bucket, which need not be full to be used", () => {
    const gauge = usedUp();
    expect(fitsAt(gauge, 1, NOW)).toBe(NOW + MINUTE);
    hearRest(gauge, 1, 1_000, NOW);
    expect(fitsAt(gauge, 1, NOW)).toBe(NOW + 1_000);
    expect(available(gauge, NOW + 10_000)).toBeCloseTo(10);
  });

  test.each([MINUTE, MINUTE - 900, MINUTE / 2])("that is over in %i of 60000 ms does not", (restMs) => {
    const gauge = usedUp();
    hearRest(gauge, 1, restMs, NOW);
    expect(gauge.refill).toBe("window");
  });

  test("says nothing of a limit that had room", () => {
    const gauge = hear(undefined, { limit: 60, remaining: 30, fullInMs: MINUTE }, 1, 0, NOW);
    hearRest(gauge, 1, 1_000, NOW);
    expect(gauge.refill).toBe("window");
  });
});
