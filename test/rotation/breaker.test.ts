import { expect, test } from "bun:test";

import {
  type Breaker,
  breakerOpensAt,
  createBreaker,
  enterBreaker,
  recordAnswer,
  recordFailure,
  releaseProbe,
} from "../../src/rotation/breaker.ts";
import { NOW } from "./rotation-key.ts";

function failing(times: number): Breaker {
  const breaker = createBreaker();
  for (let failure = 0; failure < times; failure += 1) recordFailure(breaker, false, NOW);
  return breaker;
}

test("four failures in a row leave the circuit closed", () => {
  expect(breakerOpensAt(failing(4), NOW)).toBe(NOW);
});

test("the fifth opens it for five seconds, and says so", () => {
  const breaker = failing(4);
  expect(recordFailure(breaker, false, NOW)).toBe(true);
  expect(breakerOpensAt(breaker, NOW)).toBe(NOW + 5_000);
  expect(breakerOpensAt(breaker, NOW + 4_999)).toBe(NOW + 5_000);
});

test("an answer between failures begins the count anew", () => {
  const breaker = failing(4);
  recordAnswer(breaker, NOW);
  expect(recordFailure(breaker, false, NOW)).toBe(false);
  expect(breakerOpensAt(breaker, NOW)).toBe(NOW);
});

test("failures of requests that were sent before it opened change nothing", () => {
  const breaker = failing(5);
  for (let late = 0; late < 20; late += 1) expect(recordFailure(breaker, false, NOW + late)).toBe(false);
  expect(breakerOpensAt(breaker, NOW + 20)).toBe(NOW + 5_000);
});

test("half-open, one request tries and the others wait for it", () => {
  const breaker = failing(5);
  const later = NOW + 5_000;
  expect(breakerOpensAt(breaker, later)).toBe(later);
  enterBreaker(breaker);
  expect(breakerOpensAt(breaker, later)).toBe(Number.POSITIVE_INFINITY);
});

test("each failed probe doubles the time, to a minute", () => {
  const breaker = failing(5);
  let now = NOW;
  const openMs = [5_000, 10_000, 20_000, 40_000, 60_000, 60_000];
  for (const [index, expected] of openMs.entries()) {
    expect(breakerOpensAt(breaker, now) - now).toBe(expected);
    now += expected;
    if (index === openMs.length - 1) break;
    enterBreaker(breaker);
    expect(recordFailure(breaker, true, now)).toBe(true);
  }
});

test("an answer to the probe closes it, and the next time it opens for five seconds again", () => {
  const breaker = failing(5);
  enterBreaker(breaker);
  recordFailure(breaker, true, NOW + 5_000);
  enterBreaker(breaker);
  recordAnswer(breaker, NOW + 5_000);
  expect(breakerOpensAt(breaker, NOW + 5_001)).toBe(NOW + 5_001);
  for (let failure = 0; failure < 5; failure += 1) recordFailure(breaker, false, NOW + 20_000);
  expect(breakerOpensAt(breaker, NOW + 20_000)).toBe(NOW + 25_000);
});

test("a probe that its client abandoned lets the next request try", () => {
  const breaker = failing(5);
  const later = NOW + 5_000;
  enterBreaker(breaker);
  releaseProbe(breaker);
  expect(breakerOpensAt(breaker, later)).toBe(later);
});
