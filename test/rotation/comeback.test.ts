import { describe, expect, test } from "bun:test";

import type { Outcome } from "../../src/providers/outcome.ts";
import { learnVerdict, type Verdict, verdictOf } from "../../src/rotation/comeback.ts";
import type { KeyState } from "../../src/rotation/key-state.ts";
import { learn } from "../../src/rotation/learn.ts";
import { obstacleOf } from "../../src/rotation/obstacle.ts";
import { HOUR, MINUTE, NOW, stateWith } from "./rotation-key.ts";

const MODEL = "gpt-4o";
const DEAD: Outcome = { kind: "dead", reason: "invalid_api_key", certain: true };
const SERVED: Outcome = { kind: "served" };
const middling = () => 0.5;

function deadKey(): KeyState {
  return stateWith((state) => void learn(state, MODEL, DEAD, NOW, middling));
}

const hear = (key: KeyState, verdict: Verdict, now = NOW, random = middling) =>
  learnVerdict(key, verdict, MINUTE, now, random);

const comebackOf = ({ setAside }: KeyState) => (setAside?.kind === "dead" ? setAside.comeback : undefined);

describe("an answer to a free call", () => {
  test.each<[Outcome, number | undefined, Verdict]>([
    [SERVED, 200, "taken"],
    [{ kind: "unserved-model" }, 403, "taken"],
    [{ kind: "spent", reason: "HTTP 402", retryAfterMs: undefined }, 402, "taken"],
    [DEAD, 401, "refused"],
    [{ kind: "dead", reason: "HTTP 401", certain: false }, 401, "refused"],
    [{ kind: "upstream-failure", reason: "HTTP 403" }, 403, "refused"],
    [{ kind: "client-error" }, 404, "untold"],
    [{ kind: "upstream-failure", reason: "HTTP 502" }, 502, "trouble"],
    [{ kind: "upstream-failure", reason: "ConnectionRefused" }, undefined, "trouble"],
    [{ kind: "limited", scope: "model", retryAfterMs: undefined }, 429, "trouble"],
    [{ kind: "overloaded", retryAfterMs: undefined }, 529, "trouble"],
    [{ kind: "abandoned" }, undefined, "trouble"],
  ])("of %j with status %p says: %s", (outcome, status, verdict) => {
    expect(verdictOf(outcome, status)).toBe(verdict);
  });
});

describe("a dead key", () => {
  test("is back when its provider takes it", () => {
    const key = deadKey();
    expect(hear(key, "taken", NOW + MINUTE)).toEqual({ kind: "recovered" });
    expect(obstacleOf(key, MODEL, NOW + MINUTE)).toBeUndefined();
    expect(key.returnedMs).toBe(NOW + MINUTE);
  });

  test("is asked about at twice the time each time that it is refused, up to an hour", () => {
    const key = deadKey();
    for (const minutes of [2, 4, 8, 16, 32, 60, 60]) {
      expect(hear(key, "refused")).toBeUndefined();
      expect(comebackOf(key)).toEqual({ by: "probe", atMs: NOW + minutes * MINUTE });
    }
    expect(obstacleOf(key, MODEL, NOW + 1_000 * HOUR)).toMatchObject({ kind: "dead" });
  });

  test("is asked about a little sooner or later than another that died with it", () => {
    const [early, late] = [deadKey(), deadKey()];
    hear(early, "trouble", NOW, () => 0);
    hear(late, "trouble", NOW, () => 1 - Number.EPSILON);
    expect(comebackOf(early)?.atMs).toBeCloseTo(NOW + 0.8 * MINUTE);
    expect(comebackOf(late)?.atMs).toBeCloseTo(NOW + 1.2 * MINUTE);
  });

  test("learns nothing from trouble: it is asked about again after the same time", () => {
    const key = deadKey();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      hear(key, "trouble", NOW + attempt * HOUR);
      expect(comebackOf(key)).toEqual({ by: "probe", atMs: NOW + attempt * HOUR + MINUTE });
    }
  });

  test("is left to a client's request, an hour later, where a free call cannot tell", () => {
    const key = deadKey();
    expect(hear(key, "untold")).toBeUndefined();
    expect(obstacleOf(key, MODEL, NOW + HOUR - 1)).toMatchObject({ kind: "dead" });
    expect(obstacleOf(key, MODEL, NOW + HOUR)).toBeUndefined();
  });

  test("that a free call vouched for and a request found dead is left to a request from then on", () => {
    const key = deadKey();
    hear(key, "taken");
    expect(learn(key, MODEL, DEAD, NOW, middling)).toMatchObject({ kind: "dead" });
    expect(comebackOf(key)).toEqual({ by: "trial", atMs: NOW + 2 * HOUR });
  });

  test("that has served since is probed again, from the beginning", () => {
    const key = deadKey();
    hear(key, "refused");
    hear(key, "taken");
    learn(key, MODEL, SERVED, NOW, middling);
    learn(key, MODEL, DEAD, NOW, middling);
    expect(comebackOf(key)).toBeUndefined();
    hear(key, "trouble");
    expect(comebackOf(key)).toEqual({ by: "probe", atMs: NOW + MINUTE });
  });
});

test.each<Verdict>(["taken", "refused", "untold", "trouble"])(
  "a spent key learns nothing from the verdict %p: a list of models proves no money",
  (verdict) => {
    const key = stateWith((state) => {
      state.setAside = { kind: "spent", reason: "insufficient_quota", untilMs: NOW + HOUR };
    });
    const before = structuredClone(key);
    expect(hear(key, verdict)).toBeUndefined();
    expect(key).toEqual(before);
  },
);
