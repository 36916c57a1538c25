import { describe, expect, test } from "bun:test";

import type { ListResult } from "../../../src/proxy/models/ask-for-list.ts";
import { FRESH_MS, ModelLists } from "../../../src/proxy/models/model-lists.ts";

const MINUTE_MS = 60_000;

/** Lists on a clock that the test moves, of an upstream that answers when the test says so. */
function played() {
  let now = 1_000_000;
  const lists = new ModelLists(() => now);
  const waiting: ((result: ListResult) => void)[] = [];
  let asked = 0;
  const owner = {};
  return {
    look: (freshMs = FRESH_MS, call = "/v1/models") =>
      lists.look(owner, call, freshMs, () => {
        asked += 1;
        return new Promise((resolve) => waiting.push(resolve));
      }),
    get asked() {
      return asked;
    },
    pass: (ms: number) => {
      now += ms;
    },
    /** Answers the oldest asking, and lets it be heard. */
    async answer(...ids: string[]) {
      const models = new Map(
        ids.map((id) => [id, { id, form: "openai" as const, text: "{}", createdMs: 0 }]),
      );
      waiting.shift()?.({ kind: "listed", models });
      await Bun.sleep(0);
    },
    async fail() {
      waiting.shift()?.({
        kind: "failed",
        outcome: { kind: "client-error" },
        isNoList: false,
        reason: "HTTP 404",
      });
      await Bun.sleep(0);
    },
  };
}

describe("an upstream's list of models", () => {
  test("is asked for once, however many want it", async () => {
    const it = played();
    const first = it.look();
    expect(it.look()).toBe(first);
    expect(it.asked).toBe(1);
    expect(first.models).toBeUndefined();
    await it.answer("a");
    expect([...(first.models?.keys() ?? [])]).toEqual(["a"]);
  });

  test("is not asked for again while it is fresh", async () => {
    const it = played();
    it.look();
    await it.answer("a");
    it.pass(FRESH_MS - 1);
    it.look();
    expect(it.asked).toBe(1);
  });

  test("is good until the next is there, though it is no longer fresh", async () => {
    const it = played();
    it.look();
    await it.answer("old");
    it.pass(FRESH_MS);
    const stale = it.look();
    expect([...(stale.models?.keys() ?? [])]).toEqual(["old"]);
    expect(it.asked).toBe(2);
    await it.answer("new");
    expect([...(it.look().models?.keys() ?? [])]).toEqual(["new"]);
    expect(it.asked).toBe(2);
  });

  test("stays when a later asking fails, and is asked for again after half a minute", async () => {
    const it = played();
    it.look();
    await it.answer("a");
    it.pass(FRESH_MS);
    it.look();
    await it.fail();
    expect(it.look()).toMatchObject({ failure: "HTTP 404", underWay: undefined });
    expect(it.look().models?.has("a")).toBe(true);
    it.pass(29_999);
    it.look();
    expect(it.asked).toBe(2);
    it.pass(1);
    it.look();
    expect(it.asked).toBe(3);
  });

  test("is asked for earlier by who needs it fresher", async () => {
    const it = played();
    it.look();
    await it.answer("a");
    it.pass(MINUTE_MS);
    it.look(MINUTE_MS + 1);
    expect(it.asked).toBe(1);
    it.look(MINUTE_MS);
    expect(it.asked).toBe(2);
  });

  test("is another for another call", () => {
    const it = played();
    expect(it.look(FRESH_MS, "/v1beta/models")).not.toBe(it.look());
    expect(it.asked).toBe(2);
  });
});
