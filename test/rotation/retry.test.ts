import { describe, expect, test } from "bun:test";

import type { Outcome } from "../../src/providers/outcome.ts";
import { isRetryable, leavesToNext, mayAttempt } from "../../src/rotation/retry.ts";
import { NOW } from "./rotation-key.ts";

const LIMITS = { maxAttempts: 4, deadlineMs: 30_000 };

describe("another key may change the answer", () => {
  test.each<[Outcome, boolean]>([
    [{ kind: "limited", scope: "model", retryAfterMs: 1 }, true],
    [{ kind: "overloaded", retryAfterMs: undefined }, true],
    [{ kind: "spent", reason: "billing", retryAfterMs: undefined }, true],
    [{ kind: "dead", reason: "revoked", certain: false }, true],
    [{ kind: "unserved-model" }, true],
    [{ kind: "upstream-failure", reason: "HTTP 500" }, true],
    [{ kind: "served" }, false],
    [{ kind: "client-error" }, false],
    [{ kind: "abandoned" }, false],
  ])("%j: %p", (outcome, retryable) => {
    expect(isRetryable(outcome)).toBe(retryable);
  });
});

describe("one more attempt", () => {
  test("is always had at first, however long the request took to arrive", () => {
    expect(mayAttempt({ total: 0, failures: 0 }, LIMITS, NOW, NOW + 99_000)).toBe(true);
  });

  test("is not had past the deadline", () => {
    expect(mayAttempt({ total: 1, failures: 0 }, LIMITS, NOW, NOW + 29_999)).toBe(true);
    expect(mayAttempt({ total: 1, failures: 0 }, LIMITS, NOW, NOW + 30_000)).toBe(false);
  });

  test("is not had after maxAttempts failures, so that an outage is not multiplied", () => {
    expect(mayAttempt({ total: 3, failures: 3 }, LIMITS, NOW, NOW)).toBe(true);
    expect(mayAttempt({ total: 4, failures: 4 }, LIMITS, NOW, NOW)).toBe(false);
  });

  test("is had after many dead and limited keys, but not without end", () => {
    expect(mayAttempt({ total: 200, failures: 0 }, LIMITS, NOW, NOW)).toBe(true);
    expect(mayAttempt({ total: 1_000, failures: 0 }, LIMITS, NOW, NOW)).toBe(false);
  });
});

describe("what is left of the attempts", () => {
  test.each([
    // Of four, one for each model behind.
    { failures: 2, total: 2, behind: 1, leaves: false },
    { failures: 3, total: 3, behind: 1, leaves: true },
    { failures: 1, total: 1, behind: 3, leaves: true },
    { failures: 3, total: 3, behind: 0, leaves: false },
    { failures: 4, total: 4, behind: 2, leaves: false },
    // Refusals, which are bounded at sixty-four times as many.
    { failures: 0, total: 254, behind: 1, leaves: false },
    { failures: 0, total: 255, behind: 1, leaves: true },
  ])("goes to the next model: $leaves, after $failures failures of $total with $behind behind", (row) => {
    expect(leavesToNext(row, LIMITS, row.behind)).toBe(row.leaves);
  });
});
