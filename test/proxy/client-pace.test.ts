import { expect, test } from "bun:test";

import { ClientPace } from "../../src/proxy/client-pace.ts";
import { unwatch } from "../../src/proxy/watchdog.ts";

/** How long a client is waited for, each time after so many bytes had come in so many milliseconds. */
function patienceAfter(timeoutMs: number, arrivals: readonly (readonly [bytes: number, ms: number])[]) {
  const pace = new ClientPace(timeoutMs, () => {});
  let now = 1_000_000;
  for (const [bytes, ms] of arrivals) {
    pace.wait(now);
    now += ms;
    pace.arrived(bytes, now);
  }
  pace.wait(now);
  unwatch(pace);
  return pace.deadlineMs - now;
}

test("a client may be silent for the whole of the limit, at first and after it has kept up", () => {
  expect(patienceAfter(30_000, [])).toBe(30_000);
  expect(patienceAfter(30_000, [[120_000, 20_000]])).toBe(30_000);
  expect(
    patienceAfter(
      30_000,
      Array.from({ length: 100 }, () => [40_000, 10_000] as const),
    ),
  ).toBe(30_000);
});

test("a client that sends a byte now and then uses the limit up", () => {
  const drips = Array.from({ length: 4 }, () => [1, 7_000] as const);
  expect(patienceAfter(30_000, drips)).toBeLessThan(2_100);
  expect(patienceAfter(30_000, [...drips, [1, 2_100]])).toBe(0);
});

test("a client that has fallen behind can catch up", () => {
  expect(patienceAfter(30_000, [[0, 20_000]])).toBe(10_000);
  expect(
    patienceAfter(30_000, [
      [0, 20_000],
      [60_000, 0],
    ]),
  ).toBe(25_000);
});
