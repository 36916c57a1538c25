import { describe, expect, test } from "bun:test";

import { modelStateOf } from "../../../src/rotation/key-state.ts";
import { learn } from "../../../src/rotation/learn.ts";
import {
  acceptOn,
  createMeter,
  meterFitsAt,
  refuseOn,
  reserveOn,
} from "../../../src/rotation/limits/meter.ts";
import { createPool } from "../../../src/rotation/pool.ts";
import { whenServed } from "../../../src/rotation/supply.ts";
import { keyWith, NOW, seededRandom } from "../rotation-key.ts";

const MODEL = "gpt-4o";

describe("a pace of which nothing is known but a refusal", () => {
  test("is doubled with each request that is accepted, until the next refusal", () => {
    const meter = createMeter();
    refuseOn(meter, reserveOn(meter, 1, NOW), 2_000, NOW);
    const guess = meter.pace!.gauge.perMs;
    expect(guess).toBe(1 / 2_000);
    let now = NOW;
    for (let request = 1; request <= 6; request += 1) {
      now = meterFitsAt(meter, 1, now);
      acceptOn(meter, reserveOn(meter, 1, now), now);
      expect(meter.pace!.gauge.perMs).toBeCloseTo(guess * 2 ** request, 9);
    }
    refuseOn(meter, reserveOn(meter, 1, now + 1_000), 0, now + 1_000);
    const measured = meter.pace!.gauge.perMs;
    now = meterFitsAt(meter, 1, now + 1_000);
    acceptOn(meter, reserveOn(meter, 1, now), now);
    expect(meter.pace!.gauge.perMs).toBe(measured);
  });

  test.each([0, 1, 3])("after %i requests and a long rest does not crawl", (acceptedBefore) => {
    const meter = createMeter();
    for (let request = 0; request < acceptedBefore; request += 1)
      acceptOn(meter, reserveOn(meter, 1, NOW), NOW);
    refuseOn(meter, reserveOn(meter, 1, NOW), 30_000, NOW);
    const servedAfterMs: number[] = [];
    let now = NOW;
    for (let request = 0; request < 20; request += 1) {
      now = meterFitsAt(meter, 1, now);
      acceptOn(meter, reserveOn(meter, 1, now), now);
      servedAfterMs.push(now - NOW);
    }
    expect(servedAfterMs.slice(0, 4).map(Math.round)).toEqual([30_000, 31_000, 31_500, 31_750]);
    expect(servedAfterMs.at(-1)).toBeLessThan(32_500);
  });

  test("tells those who wait for it turns that are seconds apart, however long it rests", () => {
    const key = keyWith({ name: "untold" });
    const { meter } = modelStateOf(key.state, MODEL);
    refuseOn(meter, reserveOn(meter, 1, NOW), 30_000, NOW);
    const refusal = { kind: "limited", scope: "model", retryAfterMs: 30_000 } as const;
    learn(key.state, MODEL, refusal, NOW, seededRandom(1));
    const pool = createPool(MODEL, [key]);
    const toldMs = [1, 2, 3, 8].map((ahead) => whenServed(pool, ahead, 1, NOW) - NOW);
    expect(toldMs).toEqual([30_000, 32_000, 34_000, 44_000]);
  });
});
