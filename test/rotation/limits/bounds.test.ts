import { expect, test } from "bun:test";

import { NO_LIMITS } from "../../../src/config/config.ts";
import {
  boundsFitAt,
  createBounds,
  settleTokens,
  takeFromBounds,
} from "../../../src/rotation/limits/bounds.ts";
import { HOUR, MINUTE, NOW } from "../rotation-key.ts";

const DAY = 24 * HOUR;

test("without limits everything fits", () => {
  expect(boundsFitAt(createBounds(NO_LIMITS, NOW), 1_000_000, 1e9, NOW)).toBe(NOW);
});

test("requests a minute come back one by one", () => {
  const bounds = createBounds({ ...NO_LIMITS, rpm: 60 }, NOW);
  for (let request = 0; request < 60; request += 1) takeFromBounds(bounds, 1, NOW);
  expect(boundsFitAt(bounds, 0, 1, NOW)).toBe(NOW + 1_000);
});

test("requests a day are no more in any day that begins with the first of them", () => {
  const bounds = createBounds({ ...NO_LIMITS, rpd: 24 }, NOW);
  const first = NOW + 5 * HOUR;
  let taken = 0;
  for (let now = first; now < first + DAY; now += HOUR / 4) {
    if (boundsFitAt(bounds, 0, 1, now) > now) continue;
    takeFromBounds(bounds, 1, now);
    taken += 1;
  }
  expect(taken).toBe(24);
  expect(boundsFitAt(bounds, 0, 1, first + 6 * HOUR)).toBe(first + DAY);
  expect(boundsFitAt(bounds, 0, 1, first + DAY)).toBe(first + DAY);
});

test("the next day begins with the first request after the last", () => {
  const bounds = createBounds({ ...NO_LIMITS, rpd: 1 }, NOW);
  takeFromBounds(bounds, 1, NOW);
  takeFromBounds(bounds, 1, NOW + DAY + HOUR);
  expect(boundsFitAt(bounds, 0, 1, NOW + DAY + HOUR)).toBe(NOW + 2 * DAY + HOUR);
});

test("the tightest limit decides", () => {
  const bounds = createBounds({ rpm: 60, tpm: 6_000, rpd: 24, concurrency: 5 }, NOW);
  takeFromBounds(bounds, 6_000, NOW);
  expect(boundsFitAt(bounds, 0, 100, NOW)).toBe(NOW + 1_000);
  for (let request = 1; request < 24; request += 1) takeFromBounds(bounds, 0, NOW);
  expect(boundsFitAt(bounds, 0, 100, NOW)).toBe(NOW + DAY);
});

test("at full concurrency only the end of another request makes room", () => {
  const bounds = createBounds({ ...NO_LIMITS, concurrency: 2 }, NOW);
  expect(boundsFitAt(bounds, 1, 1, NOW)).toBe(NOW);
  expect(boundsFitAt(bounds, 2, 1, NOW)).toBe(Number.POSITIVE_INFINITY);
});

test("a request of more tokens than a minute allows is let through when the bucket is full", () => {
  const bounds = createBounds({ ...NO_LIMITS, tpm: 1_000 }, NOW);
  expect(boundsFitAt(bounds, 0, 5_000, NOW)).toBe(NOW);
  takeFromBounds(bounds, 5_000, NOW);
  // Minus 4,000, and the next needs one: 4,001 thousandths of a minute.
  expect(boundsFitAt(bounds, 0, 1, NOW)).toBe(NOW + 4.001 * MINUTE);
});

test.each([
  [100, 40, 960],
  [100, 400, 600],
  [100, 0, 1_000],
])("an estimate of %i tokens of which %i were used leaves %i", (reserved, used, left) => {
  const bounds = createBounds({ ...NO_LIMITS, tpm: 1_000 }, NOW);
  takeFromBounds(bounds, reserved, NOW);
  settleTokens(bounds, reserved, used, NOW);
  expect(bounds.tpm?.remaining).toBe(left);
});
