import { describe, expect, test } from "bun:test";

import { NO_LIMITS } from "../../src/config/config.ts";
import { firstCame, keepTurn, turnIn, type Wanting } from "../../src/proxy/come-back.ts";
import type { Exchange } from "../../src/proxy/exchange.ts";
import { createRuntime } from "../../src/proxy/runtime.ts";
import { WAY_MS } from "../../src/rotation/limits/bounds.ts";
import { reserve } from "../../src/rotation/reserve.ts";
import { configWith } from "./config-with.ts";

const MODEL = "gpt-4o";
const bytes = (text: string) => new TextEncoder().encode(text);

/** One key of ten requests a minute, of which one comes back every six seconds, and requests of one client for it. */
function usedUp(maxWaitMs = 15_000) {
  const config = configWith({ keys: [{ name: "only", limits: { ...NO_LIMITS, rpm: 10 } }] });
  const runtime = createRuntime({ ...config, rotation: { ...config.rotation, maxWaitMs } });
  const pool = runtime.poolFor("openai", MODEL);
  const now = Date.now();
  for (let agoMs = 54_000; agoMs >= 0; agoMs -= 6_000)
    reserve(runtime.keys[0]!, MODEL, 1, now - WAY_MS - agoMs);
  const exchangeAt = (arrivedMs: number) =>
    ({ runtime, arrivedMs, client: "", path: "/v1/chat/completions", query: "", id: "an-id" }) as Exchange;
  const wanting = (text: string, sinceMs = now): Wanting => ({
    exchange: exchangeAt(sinceMs),
    pool,
    body: bytes(text),
    tokens: 1,
    sinceMs,
  });
  return { now, pool, exchangeAt, wanting };
}

describe("a request that is turned away is told", () => {
  test("when the first key has room, exactly, where nobody is ahead of it", () => {
    const { wanting, now } = usedUp();
    expect(turnIn(wanting("one"), 6_000, now)).toBe(6_000);
  });

  test("when its own turn comes, after all who were told before it, and a little sooner to be there in time", () => {
    const { wanting, now } = usedUp();
    const told = ["one", "two", "three", "four"].map((text) => {
      const inMs = turnIn(wanting(text), 6_000, now);
      return keepTurn(wanting(text), inMs, now);
    });
    expect(told).toEqual([6_000, 11_750, 17_750, 23_750]);
  });

  test("not a moment sooner where nobody may wait", () => {
    const { wanting, now } = usedUp(0);
    keepTurn(wanting("one"), 6_000, now);
    expect(turnIn(wanting("two"), 6_000, now)).toBe(12_000);
  });
});

describe("a request that is back", () => {
  test("has its turn as if it had waited", () => {
    const { wanting, exchangeAt, pool, now } = usedUp();
    keepTurn(wanting("one"), 6_000, now);
    expect(firstCame(exchangeAt(now + 6_003), pool, bytes("one"))).toBe(now);
  });

  test("is a new one the second time, and with another body", () => {
    const { wanting, exchangeAt, pool, now } = usedUp();
    keepTurn(wanting("one"), 6_000, now);
    expect(firstCame(exchangeAt(now + 6_000), pool, bytes("two"))).toBe(now + 6_000);
    firstCame(exchangeAt(now + 6_000), pool, bytes("one"));
    expect(firstCame(exchangeAt(now + 6_001), pool, bytes("one"))).toBe(now + 6_001);
  });

  test("is told the same time again where it does not wait for it", () => {
    const { wanting, now } = usedUp();
    keepTurn(wanting("one"), 6_000, now);
    keepTurn(wanting("two"), 12_000, now);
    const impatient = wanting("one", now + 2_000);
    expect(keepTurn(impatient, turnIn(impatient, 4_000, now + 2_000), now + 2_000)).toBe(4_000);
  });
});
