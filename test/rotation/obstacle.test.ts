import { describe, expect, test } from "bun:test";

import { createKeyState, modelStateOf } from "../../src/rotation/key-state.ts";
import { obstacleOf } from "../../src/rotation/obstacle.ts";
import { NOW, stateWith } from "./rotation-key.ts";

describe("what stands in the way of a key", () => {
  test("nothing, while it is new", () => {
    expect(obstacleOf(createKeyState(), "gpt-4o", NOW)).toBeUndefined();
  });

  test("looking at a key leaves no trace of the model asked for", () => {
    const state = createKeyState();
    obstacleOf(state, "made-up-by-a-client", NOW);
    expect(state.byModel.size).toBe(0);
  });

  test("death before all else", () => {
    const state = stateWith((key) => {
      key.setAside = { kind: "dead", reason: "revoked" };
      key.coolUntilMs = NOW + 1;
    });
    expect(obstacleOf(state, "gpt-4o", NOW)).toEqual({ kind: "dead", reason: "revoked" });
  });

  test("being spent, until the very millisecond of its reset", () => {
    const state = stateWith((key) => {
      key.setAside = { kind: "spent", reason: "billing", untilMs: NOW };
    });
    expect(obstacleOf(state, "gpt-4o", NOW - 1)).toMatchObject({ kind: "spent", untilMs: NOW });
    expect(obstacleOf(state, "gpt-4o", NOW)).toBeUndefined();
  });

  test.each([
    ["the key's", 9_000, 4_000],
    ["the model's", 4_000, 9_000],
  ])("the later of two limits: %s", (_, keyMs, modelMs) => {
    const state = stateWith((key) => {
      key.coolUntilMs = NOW + keyMs;
      modelStateOf(key, "gpt-4o").coolUntilMs = NOW + modelMs;
    });
    expect(obstacleOf(state, "gpt-4o", NOW)).toEqual({ kind: "limited", untilMs: NOW + 9_000 });
    expect(obstacleOf(state, "gpt-4o", NOW + 9_000)).toBeUndefined();
  });
});
