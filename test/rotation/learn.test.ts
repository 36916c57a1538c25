import { describe, expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, integer, oneof, option, property, record } from "fast-check";

import type { Outcome } from "../../src/providers/outcome.ts";
import { createKeyState, type KeyState } from "../../src/rotation/key-state.ts";
import { learn } from "../../src/rotation/learn.ts";
import { obstacleOf } from "../../src/rotation/obstacle.ts";
import { HOUR, MINUTE, NOW, seededRandom } from "./rotation-key.ts";

const MODEL = "gpt-4o";
const OTHER_MODEL = "o3";
const almostOne = () => 1 - Number.EPSILON;

const served: Outcome = { kind: "served" };
const limited: Outcome = { kind: "limited", scope: "model", retryAfterMs: undefined };
const spent: Outcome = { kind: "spent", reason: "insufficient_quota", retryAfterMs: undefined };
const surelyDead: Outcome = { kind: "dead", reason: "invalid_api_key", certain: true };
const perhapsDead: Outcome = { kind: "dead", reason: "HTTP 401", certain: false };
const unserved: Outcome = { kind: "unserved-model" };

function limitedFor(retryAfterMs: number, scope: "key" | "model" = "model"): Outcome {
  return { kind: "limited", scope, retryAfterMs };
}

function teach(key: KeyState, outcome: Outcome, now = NOW, model = MODEL) {
  return learn(key, model, outcome, now, almostOne);
}

/** When the key may serve the model again, all obstacles passed; infinity where never. */
function freeAt(key: KeyState, now: number, model = MODEL): number {
  const obstacle = obstacleOf(key, model, now);
  if (obstacle === undefined) return now;
  return obstacle.kind === "dead" ? Number.POSITIVE_INFINITY : freeAt(key, obstacle.untilMs, model);
}

describe("a limited model", () => {
  test("keeps the key free for its other models", () => {
    const key = createKeyState();
    teach(key, limitedFor(30_000));
    expect(obstacleOf(key, MODEL, NOW)).toEqual({ kind: "limited", untilMs: NOW + 30_000 });
    expect(obstacleOf(key, OTHER_MODEL, NOW)).toBeUndefined();
  });

  test("of the key's own limit stops all of its models", () => {
    const key = createKeyState();
    teach(key, limitedFor(30_000, "key"));
    expect(obstacleOf(key, OTHER_MODEL, NOW)).toEqual({ kind: "limited", untilMs: NOW + 30_000 });
  });

  test("backs off twice as long at each refusal in a row", () => {
    const key = createKeyState();
    let now = NOW;
    for (const ceilingMs of [1_000, 2_000, 4_000, 8_000]) {
      teach(key, limited, now);
      expect(freeAt(key, now)).toBeCloseTo(now + ceilingMs, -1);
      now = Math.ceil(freeAt(key, now));
    }
  });

  test.each([0, 1, 500])("is not hammered when told again and again to come back in %i ms", (hintMs) => {
    const key = createKeyState();
    const random = seededRandom(hintMs);
    let attempts = 0;
    for (let now = NOW; now < NOW + MINUTE; now = Math.ceil(freeAt(key, now))) {
      learn(key, MODEL, limitedFor(hintMs), now, random);
      attempts += 1;
    }
    expect(attempts).toBeWithin(2, 13);
  });

  test("counts answers to requests that were under way together as one refusal", () => {
    const key = createKeyState();
    for (let answer = 0; answer < 20; answer += 1) teach(key, limited);
    expect(freeAt(key, NOW)).toBeLessThanOrEqual(NOW + 1_000);
  });

  test("begins its backoff anew once it has served", () => {
    const key = createKeyState();
    teach(key, limited);
    teach(key, limited, NOW + 2_000);
    teach(key, served, NOW + 10_000);
    teach(key, limited, NOW + 20_000);
    expect(freeAt(key, NOW + 20_000)).toBeLessThanOrEqual(NOW + 21_000);
  });

  test("takes a longer deadline from a later answer", () => {
    const key = createKeyState();
    teach(key, limitedFor(1_000));
    teach(key, limitedFor(60_000));
    expect(freeAt(key, NOW)).toBe(NOW + 60_000);
  });

  test("stays limited when a request from before the limit is served", () => {
    const key = createKeyState();
    teach(key, limitedFor(60_000));
    teach(key, served, NOW + 10);
    expect(freeAt(key, NOW + 10)).toBe(NOW + 60_000);
  });

  test.each(["key", "model"] as const)(
    "by %s keeps its row of refusals when a request from before the limit is served",
    (scope) => {
      const key = createKeyState();
      const refused: Outcome = { kind: "limited", scope, retryAfterMs: undefined };
      teach(key, refused);
      teach(key, refused, NOW + 2_000);
      teach(key, served, NOW + 2_001);
      teach(key, refused, NOW + 10_000);
      expect(freeAt(key, NOW + 10_000)).toBeCloseTo(NOW + 14_000, -1);
    },
  );

  test("backs off by a second at first, also where the provider was overloaded just before", () => {
    const key = createKeyState();
    learn(key, MODEL, { kind: "overloaded", retryAfterMs: 200 }, NOW, almostOne);
    teach(key, limited);
    expect(freeAt(key, NOW)).toBeCloseTo(NOW + 1_000, -1);
  });

  test("is told to the owner once for each time that it begins", () => {
    const key = createKeyState();
    expect(teach(key, limitedFor(30_000))).toEqual({
      kind: "limited",
      untilMs: NOW + 30_000,
      reason: "too many requests, time told by its provider",
    });
    expect(teach(key, limitedFor(30_000), NOW + 1)).toBeUndefined();
    expect(teach(key, limitedFor(30_000), NOW + 31_000)).toMatchObject({ kind: "limited" });
  });
});

describe("an overloaded provider", () => {
  test("is not held against the key", () => {
    const key = createKeyState();
    for (let row = 0; row < 10; row += 1) {
      learn(key, MODEL, { kind: "overloaded", retryAfterMs: undefined }, NOW + row * 10_000, almostOne);
    }
    expect(freeAt(key, NOW + 90_000)).toBeLessThanOrEqual(NOW + 92_000);
  });
});

describe("a spent key", () => {
  test("is set aside for all models, for 1 h, then 2 h, up to 24 h", () => {
    const key = createKeyState();
    let now = NOW;
    for (const hours of [1, 2, 4, 8, 16, 24, 24]) {
      teach(key, spent, now);
      expect(freeAt(key, now, OTHER_MODEL)).toBe(now + hours * HOUR);
      now += hours * HOUR;
    }
  });

  test("counts refusals of requests that were under way together once", () => {
    const key = createKeyState();
    for (let answer = 0; answer < 5; answer += 1) teach(key, spent);
    expect(freeAt(key, NOW)).toBe(NOW + HOUR);
  });

  test("is set aside longer when a later answer states a later reset", () => {
    const key = createKeyState();
    teach(key, spent);
    teach(key, { kind: "spent", reason: "daily quota", retryAfterMs: 6 * HOUR });
    expect(freeAt(key, NOW)).toBe(NOW + 6 * HOUR);
  });

  test("has recovered when it serves after its time, and starts over at 1 h", () => {
    const key = createKeyState();
    teach(key, spent);
    expect(teach(key, served, NOW + HOUR)).toEqual({ kind: "recovered" });
    teach(key, spent, NOW + 2 * HOUR);
    expect(freeAt(key, NOW + 2 * HOUR)).toBe(NOW + 3 * HOUR);
  });

  test("stays spent when a request from before is served", () => {
    const key = createKeyState();
    teach(key, spent);
    expect(teach(key, served, NOW + 10)).toBeUndefined();
    expect(freeAt(key, NOW + 10)).toBe(NOW + HOUR);
  });

  test("is dead when its provider says so, and dead keys are not spent", () => {
    const key = createKeyState();
    teach(key, spent);
    teach(key, surelyDead);
    teach(key, spent);
    expect(obstacleOf(key, MODEL, NOW)).toMatchObject({ kind: "dead", reason: "invalid_api_key" });
  });
});

describe("a dead key", () => {
  test("is set aside for good, for every model", () => {
    const key = createKeyState();
    expect(teach(key, surelyDead)).toEqual({ kind: "dead", reason: "invalid_api_key" });
    expect(freeAt(key, NOW + 1_000 * HOUR, OTHER_MODEL)).toBe(Number.POSITIVE_INFINITY);
  });

  test("is told of once", () => {
    const key = createKeyState();
    teach(key, surelyDead);
    expect(teach(key, surelyDead)).toBeUndefined();
  });

  test("dies of a 401 without known words when it has not served of late", () => {
    const key = createKeyState();
    expect(teach(key, perhapsDead)).toMatchObject({ kind: "dead" });
  });

  test("is given one more chance when it served within the last minute", () => {
    const key = createKeyState();
    teach(key, served, NOW - MINUTE + 1);
    expect(teach(key, perhapsDead)).toEqual({ kind: "suspect", reason: "HTTP 401" });
    expect(freeAt(key, NOW)).toBe(NOW);
    expect(teach(key, perhapsDead)).toMatchObject({ kind: "dead" });
  });

  test("is beyond suspicion again once it has served", () => {
    const key = createKeyState();
    teach(key, served);
    teach(key, perhapsDead, NOW + 1);
    teach(key, served, NOW + 2);
    expect(teach(key, perhapsDead, NOW + 3)).toMatchObject({ kind: "suspect" });
  });

  test("gets no second chance when the provider's words are known", () => {
    const key = createKeyState();
    teach(key, served, NOW - 1);
    expect(teach(key, surelyDead)).toMatchObject({ kind: "dead" });
  });
});

describe("a model that a key may not use", () => {
  test("is left unasked on it for an hour, while other models go on", () => {
    const key = createKeyState();
    expect(teach(key, unserved)).toEqual({
      kind: "unserved-model",
      untilMs: NOW + HOUR,
      reason: "its provider does not serve the model to it",
    });
    expect(obstacleOf(key, MODEL, NOW)).toEqual({ kind: "unserved-model", untilMs: NOW + HOUR });
    expect(obstacleOf(key, OTHER_MODEL, NOW)).toBeUndefined();
    expect(obstacleOf(key, MODEL, NOW + HOUR)).toBeUndefined();
  });

  test("is none where the request names none: such requests are not set aside together", () => {
    const key = createKeyState();
    teach(key, unserved, NOW, "");
    expect(obstacleOf(key, "", NOW)).toBeUndefined();
  });
});

describe("what says nothing about a key", () => {
  test.each<Outcome>([
    { kind: "client-error" },
    { kind: "upstream-failure", reason: "HTTP 502" },
    { kind: "abandoned" },
  ])("%j teaches nothing", (outcome) => {
    const key = createKeyState();
    expect(teach(key, outcome)).toBeUndefined();
    expect(key).toEqual(createKeyState());
  });
});

test("no outcome, in any order, lets a key be asked earlier than was promised", () => {
  const hint = option(integer({ min: 0, max: 6 * HOUR }), { nil: undefined });
  const outcomes = oneof(
    constantFrom<Outcome>(
      served,
      unserved,
      surelyDead,
      perhapsDead,
      { kind: "client-error" },
      { kind: "abandoned" },
    ),
    record({
      kind: constantFrom("limited" as const),
      scope: constantFrom("key" as const, "model" as const),
      retryAfterMs: hint,
    }),
    record({ kind: constantFrom("overloaded" as const), retryAfterMs: hint }),
    record({ kind: constantFrom("spent" as const), reason: constantFrom("billing"), retryAfterMs: hint }),
  );
  const steps = array(
    record({ outcome: outcomes, afterMs: integer({ min: 0, max: HOUR }), same: boolean() }),
    { maxLength: 60 },
  );
  assert(
    property(steps, integer({ min: 0, max: 99 }), (answers, percent) => {
      const key = createKeyState();
      let now = NOW;
      for (const { outcome, afterMs, same } of answers) {
        now += same ? 0 : afterMs;
        const promised = freeAt(key, now);
        learn(key, MODEL, outcome, now, () => percent / 100);
        expect(freeAt(key, now)).toBeGreaterThanOrEqual(promised);
      }
    }),
  );
});

test.each([
  [limited, "too many requests, no time told"],
  [
    { ...limited, counts: "tokens", retryAfterMs: 5_000 } as const,
    "too many tokens, time told by its provider",
  ],
  [{ kind: "overloaded", retryAfterMs: undefined } as const, "its provider is short of capacity"],
])("whoever reads of a key that rests is told why: %#", (outcome, reason) => {
  expect(learn(createKeyState(), MODEL, outcome, NOW, () => 0.5)).toMatchObject({ reason });
});
