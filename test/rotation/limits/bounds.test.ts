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
  expect(boundsFitAt(createBounds(NO_LIMITS), 1_000_000, 1e9, NOW)).toBe(NOW);
});

test("a request comes back a minute after it was taken, and of the day's a day after", () => {
  const bounds = createBounds({ ...NO_LIMITS, rpm: 1, rpd: 2 });
  takeFromBounds(bounds, 1, NOW);
  expect(boundsFitAt(bounds, 0, 1, NOW + 20_000)).toBe(NOW + MINUTE);
  takeFromBounds(bounds, 1, NOW + HOUR);
  expect(boundsFitAt(bounds, 0, 1, NOW + 2 * HOUR)).toBe(NOW + DAY);
  takeFromBounds(bounds, 1, NOW + DAY);
  expect(boundsFitAt(bounds, 0, 1, NOW + DAY)).toBe(NOW + DAY + HOUR);
});

test("the tightest limit decides", () => {
  const bounds = createBounds({ rpm: 60, tpm: 6_000, rpd: 24, concurrency: 5 });
  takeFromBounds(bounds, 6_000, NOW);
  expect(boundsFitAt(bounds, 0, 0, NOW)).toBe(NOW);
  expect(boundsFitAt(bounds, 0, 100, NOW)).toBe(NOW + MINUTE);
  for (let request = 1; request < 24; request += 1) takeFromBounds(bounds, 0, NOW);
  expect(boundsFitAt(bounds, 0, 100, NOW)).toBe(NOW + DAY);
});

test("at full concurrency only the end of another request makes room", () => {
  const bounds = createBounds({ ...NO_LIMITS, concurrency: 2 });
  expect(boundsFitAt(bounds, 1, 1, NOW)).toBe(NOW);
  expect(boundsFitAt(bounds, 2, 1, NOW)).toBe(Number.POSITIVE_INFINITY);
});

test("a request of more tokens than a minute allows is let through when the minute has none", () => {
  const bounds = createBounds({ ...NO_LIMITS, tpm: 1_000 });
  expect(boundsFitAt(bounds, 0, 5_000, NOW)).toBe(NOW);
  takeFromBounds(bounds, 5_000, NOW);
  expect(boundsFitAt(bounds, 0, 1, NOW)).toBe(NOW + MINUTE);
  takeFromBounds(bounds, 1, NOW + MINUTE);
  expect(boundsFitAt(bounds, 0, 5_000, NOW + MINUTE)).toBe(NOW + 2 * MINUTE);
});

test.each([
  [100, 40, 960],
  [100, 400, 600],
  [100, 0, 1_000],
])("an estimate of %i tokens of which %i were used leaves %i", (reserved, used, left) => {
  const bounds = createBounds({ ...NO_LIMITS, tpm: 1_000 });
  takeFromBounds(bounds, reserved, NOW);
  settleTokens(bounds, reserved, NOW, used, NOW + 20_000);
  expect(bounds.tpm?.left(NOW + 20_000)).toBe(left);
});
