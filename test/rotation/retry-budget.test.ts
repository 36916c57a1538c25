import { expect, test } from "bun:test";

import { RetryBudget } from "../../src/rotation/retry-budget.ts";
import { NOW } from "./rotation-key.ts";

function retriesAt(budget: RetryBudget, now: number): number {
  let taken = 0;
  while (taken < 100_000 && budget.tryRetry(now)) taken += 1;
  return taken;
}

function requestsAt(budget: RetryBudget, times: number, now: number): void {
  for (let request = 0; request < times; request += 1) budget.countRequest(now);
}

test("ten a second are never denied, however quiet it is", () => {
  const budget = new RetryBudget();
  for (let second = 0; second < 60; second += 1) {
    for (let retry = 0; retry < 10; retry += 1)
      expect(budget.tryRetry(NOW + second * 1_000 + retry * 90)).toBe(true);
  }
});

test("a quiet proxy may retry a hundred times in ten seconds and no more", () => {
  expect(retriesAt(new RetryBudget(), NOW)).toBe(100);
});

test("of many requests a fifth may be retried", () => {
  const budget = new RetryBudget();
  requestsAt(budget, 5_000, NOW);
  expect(retriesAt(budget, NOW)).toBe(1_000);
});

test("requests of more than ten seconds ago allow nothing", () => {
  const budget = new RetryBudget();
  requestsAt(budget, 5_000, NOW);
  expect(retriesAt(budget, NOW + 10_000)).toBe(100);
});

test("retries of more than ten seconds ago are forgotten", () => {
  const budget = new RetryBudget();
  retriesAt(budget, NOW);
  expect(retriesAt(budget, NOW + 9_000)).toBe(0);
  expect(retriesAt(budget, NOW + 10_000)).toBe(100);
});

test("a request that arrived before the newest counts as if it came now", () => {
  const budget = new RetryBudget();
  requestsAt(budget, 500, NOW);
  requestsAt(budget, 500, NOW - 60_000);
  expect(retriesAt(budget, NOW)).toBe(200);
});
