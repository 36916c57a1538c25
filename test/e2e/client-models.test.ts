import { describe, expect, test } from "bun:test";

import { CHAT, stage } from "./harness.ts";

const AS_APP = { authorization: "Bearer kc-app" };
const config = { clients: [{ name: "app", token: "kc-app", models: ["small-*"] }] };

const batchOf = (...models: string[]) => ({
  requests: models.map((model, index) => ({
    custom_id: `request-${index}`,
    params: { model, max_tokens: 10, messages: CHAT.messages },
  })),
});

describe("a client that may not use every model", () => {
  test.each<[string, string, object]>([
    ["in one request of a batch", "/v1/messages/batches", batchOf("small-1", "large-1")],
    ["in the only request of a batch", "/v1/messages/batches", batchOf("large-1")],
    ["in the run of an eval", "/v1/evals/eval_A1/runs", { data_source: { model: "large-1" } }],
    [
      "in a tool",
      "/v1/responses",
      { model: "small-1", input: "a", tools: [{ type: "image_generation", model: "large-1" }] },
    ],
    ["for which a prompt may stand", "/v1/responses", { prompt: { id: "pmpt_A1" } }],
    ["for which a prompt may stand, by another spelling", "/v1/%72esponses/", { prompt: { id: "pmpt_A1" } }],
    [
      "for which a prompt may stand, beside a model that is not read",
      "/v1/responses?model=small-1",
      { prompt: { id: "pmpt_A1" } },
    ],
    ["for which the provider's default may stand", "/v1/realtime/calls", {}],
  ])("gets none by naming it %s", async (_, path, body) => {
    const keys = [{ secret: "sk-a", provider: path.includes("messages") ? "anthropic" : "openai" } as const];
    await using it = await stage(keys, { config });
    const answer = await it.proxy.post(path, body, AS_APP);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("may not use");
    expect(it.simulator.counts().received).toBe(0);
  });

  test("has its own batches", async () => {
    await using it = await stage([{ secret: "sk-a", provider: "anthropic" }], { config });
    const answer = await it.proxy.post("/v1/messages/batches", batchOf("small-1", "small-2"), AS_APP);
    expect(answer.status).toBe(200);
  });

  test("cannot leave the model out by way of a token that was made without one", async () => {
    await using it = await stage([{ secret: "sk-a" }], { config });
    const minted = await it.proxy.post("/v1/realtime/client_secrets", { session: {} }, AS_APP);
    const { value } = (await minted.json()) as { value: string };
    const received = it.simulator.counts().received;
    const sdp = { authorization: `Bearer ${value}`, "content-type": "application/sdp" };
    expect((await it.proxy.post("/v1/realtime/calls", "v=0", sdp)).status).toBe(403);
    expect(it.simulator.counts().received).toBe(received);
  });
});

describe("a batch of Anthropic's", () => {
  const keys = [
    { secret: "sk-a", provider: "anthropic", serves: ["claude-a"] },
    { secret: "sk-b", provider: "anthropic", serves: ["claude-b"] },
  ] as const;

  test("goes to a key that serves what it names", async () => {
    await using it = await stage(keys);
    for (const [model, key] of [
      ["claude-b", "key-2"],
      ["claude-a", "key-1"],
      ["claude-b", "key-2"],
    ] as const) {
      const answer = await it.proxy.post("/v1/messages/batches", batchOf(model, model));
      expect([answer.status, answer.headers.get("x-keycycle-key")]).toEqual([200, key]);
    }
  });

  test("may name an alias", async () => {
    await using it = await stage(keys, { config: { aliases: { best: "claude-b" } } });
    const answer = await it.proxy.post("/v1/messages/batches", batchOf("best", "claude-b", "best"));
    expect(answer.headers.get("x-keycycle-key")).toBe("key-2");
    const sent = JSON.parse(Buffer.from(it.simulator.requests.at(-1)?.body ?? []).toString());
    expect(sent).toEqual(batchOf("claude-b", "claude-b", "claude-b"));
  });
});
