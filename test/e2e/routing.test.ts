import { describe, expect, test } from "bun:test";

import type { SimulatedRequest } from "../../src/demo/simulator.ts";
import { front } from "./front.ts";
import { CHAT, stage, type Stage } from "./harness.ts";

/** The secret of the key that a chat with this model goes to; the status where it goes to none. */
async function keyFor(it: Stage, model: string): Promise<string | number | undefined> {
  const before = it.simulator.requests.length;
  const response = await it.proxy.post("/v1/chat/completions", { ...CHAT, model });
  await response.text();
  return response.status === 200 ? it.simulator.requests[before]?.secret : response.status;
}

function secretsIn(requests: readonly SimulatedRequest[]): Map<string | undefined, number> {
  return new Map(
    Map.groupBy(requests, ({ secret }) => secret)
      .entries()
      .map(([key, all]) => [key, all.length]),
  );
}

describe("the seed's config.json, unchanged,", () => {
  const secrets = ["key1", "key2", "key3"].map((secret) => ({ secret }));

  test.each([
    { model: "gpt-4", key: "key1" },
    { model: "gpt-3.5-turbo", key: "key2" },
    { model: "claude-2", key: "key3" },
    { model: "llama-3", key: "key3" },
    // Nobody names it: both with "others" may have it, and the first in the file begins.
    { model: "never-heard-of", key: "key1" },
  ])("sends $model to $key", async ({ model, key }) => {
    await using it = await front(secrets, (url) => ({
      apiKeys: [
        { key: "key1", url: `${url}/v1`, models: ["gpt-4", "others"] },
        { key: "key2", url, models: "gpt-3.5-turbo, others" },
        { key: "key3", url: `${url}/v1/`, models: "claude-2,llama-3" },
      ],
    }));
    expect(await keyFor(it, model)).toBe(key);
    expect(it.simulator.requests.at(-1)?.path).toBe("/v1/chat/completions");
  });

  test("shares what nobody names among the keys with others, and with no key else", async () => {
    await using it = await front(secrets, (url) => ({
      apiKeys: [
        { key: "key1", url: `${url}/v1`, models: ["gpt-4", "others"] },
        { key: "key2", url: `${url}/v1`, models: "gpt-3.5-turbo, others" },
        { key: "key3", url: `${url}/v1`, models: "claude-2" },
      ],
    }));
    for (let sent = 0; sent < 6; sent += 1) await keyFor(it, "never-heard-of");
    expect(Object.fromEntries(secretsIn(it.simulator.requests))).toEqual({ key1: 3, key2: 3 });
  });

  test.each(["//v1/chat/completions", "/openai//v1/chat/completions"])(
    "takes the slash that a base URL ends in for the first of the path: %s",
    async (path) => {
      await using it = await stage([{ secret: "sk-a" }]);
      expect((await it.proxy.post(path, CHAT)).status).toBe(200);
      expect(it.simulator.requests[0]?.path).toBe("/v1/chat/completions");
    },
  );

  test("takes a path without /v1 for a key whose url has it", async () => {
    await using it = await front(secrets, (url) => ({ apiKeys: [{ key: "key1", url: `${url}/v1` }] }));
    const response = await it.proxy.post("/chat/completions", CHAT);
    expect(response.status).toBe(200);
    expect(it.simulator.requests[0]?.path).toBe("/v1/chat/completions");
  });
});

describe("models", () => {
  test.each([
    { model: "gpt-4o", key: "exact" },
    { model: "gpt-4o-mini", key: "glob" },
    { model: "gpt-4.1", key: "glob" },
    { model: "o3", key: "question" },
    { model: "o33", key: "others" },
    { model: "claude-opus-4-5", key: "others" },
    // The word of the configuration is no model that any key names.
    { model: "others", key: "others" },
    { model: "org/model:free", key: "slashed" },
    { model: "GPT-4o", key: "others" },
  ])("$model goes to the key with: $key", async ({ model, key }) => {
    await using it = await stage([
      { secret: "others", serves: ["others"] },
      { secret: "glob", serves: "gpt-*" },
      { secret: "question", serves: "o?, nothing-else" },
      { secret: "exact", serves: ["gpt-4o"] },
      { secret: "slashed", serves: ["org/*:free"] },
    ]);
    expect(await keyFor(it, model)).toBe(key);
  });

  test("a model that is named exactly never spills to a glob or to others", async () => {
    await using it = await stage([
      { secret: "exact", serves: ["gpt-4o"], fault: { kind: "dead" } },
      { secret: "glob", serves: ["gpt-*"] },
      { secret: "others", serves: ["others"] },
    ]);
    expect(await keyFor(it, "gpt-4o")).toBe(503);
    expect(await keyFor(it, "gpt-4o-mini")).toBe("glob");
  });

  test("others stands for what no key of any API names", async () => {
    await using it = await stage([
      { secret: "openai", provider: "openai", serves: ["others"] },
      { secret: "gemini", provider: "gemini", serves: ["gemini-*"] },
    ]);
    expect(await keyFor(it, "gemini-2.5-pro")).toBe(404);
    expect(it.simulator.requests).toHaveLength(0);
    expect(await keyFor(it, "gpt-4o")).toBe("openai");
  });

  test("a key that names a model and has others serves both", async () => {
    await using it = await stage([{ secret: "both", serves: "gpt-4o, others" }]);
    expect(await keyFor(it, "gpt-4o")).toBe("both");
    expect(await keyFor(it, "anything")).toBe("both");
  });

  test.each([
    {
      where: "the JSON body, whatever stands before it",
      path: "/v1/chat/completions",
      body: '{"messages":[{"role":"user","content":"\\"model\\": \\"other\\""}],"metadata":{"model":"other"},"model":"gpt\\u002d4o"}',
    },
    {
      where: "Azure's path",
      path: "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
      body: JSON.stringify(CHAT),
    },
    { where: "Gemini's path", path: "/v1beta/models/gpt-4o:generateContent", body: '{"contents":[]}' },
  ])("the model is found in $where", async ({ path, body }) => {
    await using it = await stage([
      { secret: "wrong", serves: ["others"] },
      { secret: "right", serves: ["gpt-4o"] },
    ]);
    expect((await it.proxy.post(path, body)).status).toBe(200);
    expect(it.simulator.requests.at(-1)?.secret).toBe("right");
  });
});

describe("priorities", () => {
  test("the lowest serves alone as long as it can", async () => {
    await using it = await stage([
      { secret: "second", priority: 5 },
      { secret: "first-a", priority: 1 },
      { secret: "first-b", priority: 1 },
    ]);
    for (let sent = 0; sent < 4; sent += 1) await keyFor(it, "gpt-4o");
    expect(Object.fromEntries(secretsIn(it.simulator.requests))).toEqual({ "first-a": 2, "first-b": 2 });
  });

  test("the next serves when no key of the lower can", async () => {
    await using it = await stage([
      { secret: "third", priority: 9 },
      { secret: "second", priority: 5, fault: { kind: "limited" } },
      { secret: "first", priority: 1, fault: { kind: "spent" } },
    ]);
    expect(await keyFor(it, "gpt-4o")).toBe("first");
    expect(it.simulator.requests.map(({ secret }) => secret)).toEqual(["first", "second", "third"]);
  });
});

describe("strategies", () => {
  test("round-robin spreads evenly", async () => {
    await using it = await stage([{ secret: "a" }, { secret: "b" }, { secret: "c" }]);
    for (let sent = 0; sent < 12; sent += 1) await keyFor(it, "gpt-4o");
    expect(Object.fromEntries(secretsIn(it.simulator.requests))).toEqual({ a: 4, b: 4, c: 4 });
  });

  test("round-robin spreads evenly under concurrency and over the keys that are left", async () => {
    await using it = await stage([
      { secret: "a" },
      { secret: "b", fault: { kind: "dead" } },
      { secret: "c" },
    ]);
    // The first two find out about b.
    for (let sent = 0; sent < 2; sent += 1) await keyFor(it, "gpt-4o");
    const before = it.simulator.requests.length;
    await Promise.all(Array.from({ length: 40 }, () => keyFor(it, "gpt-4o")));
    const spread = secretsIn(it.simulator.requests.slice(before));
    expect(Object.fromEntries(spread)).toEqual({ a: 20, c: 20 });
  });

  test("weighted gives each key its share", async () => {
    await using it = await stage(
      [
        { secret: "heavy", weight: 3 },
        { secret: "light", weight: 1 },
      ],
      { config: { rotation: { strategy: "weighted" } } },
    );
    for (let batch = 0; batch < 10; batch += 1) {
      await Promise.all(Array.from({ length: 40 }, () => keyFor(it, "gpt-4o")));
    }
    const heavy = secretsIn(it.simulator.requests).get("heavy") ?? 0;
    // 300 of 400 are expected; six standard deviations are 52.
    expect(Math.abs(heavy - 300)).toBeLessThan(52);
  });
});
