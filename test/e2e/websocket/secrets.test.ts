import { expect, test } from "bun:test";

import type { Fault } from "../../../src/demo/simulator.ts";
import { front } from "../front.ts";
import { leakIn, marked } from "../marked.ts";
import { open } from "./peer.ts";
import { session, socketStage } from "./socket-stage.ts";

const FAULTS: readonly Fault[] = [
  { kind: "limited" },
  { kind: "spent" },
  { kind: "dead" },
  { kind: "unserved-model" },
  { kind: "server-error" },
  { kind: "bad-request" },
  { kind: "hang" },
  { kind: "reset", when: "before-first-byte" },
  { kind: "reset", when: "mid-stream" },
  { kind: "error-as-first-event", code: "dead" },
  { kind: "error-as-first-event", code: "limited" },
  { kind: "error-as-first-event", code: "server-error" },
];

const LIVE = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
const TOKEN = marked("client-token");

/** How each API is opened, with the token where its clients put it, and what is said first. */
const OPENINGS = [
  {
    provider: "openai",
    path: (model: string) => `/v1/realtime?model=${model}`,
    options: { subprotocols: ["realtime", `openai-insecure-api-key.${TOKEN}`] },
    first: () => '{"type":"response.create"}',
  },
  {
    provider: "openai",
    path: () => "/v1/responses",
    options: { headers: { authorization: `Bearer ${TOKEN}` } },
    first: (model: string) => JSON.stringify({ type: "response.create", model }),
  },
  {
    provider: "gemini",
    path: () => `${LIVE}?key=${TOKEN}`,
    options: {},
    first: (model: string) => JSON.stringify({ setup: { model: `models/${model}` } }),
  },
] as const;

test.each(OPENINGS)(
  "no fault of a WebSocket brings a secret out: $provider",
  async ({ provider, path, options, first }) => {
    const keys = FAULTS.map((fault, index) => ({
      model: `model-${index}`,
      secret: marked(`${index}-key`),
      fault,
    }));
    await using it = await front(keys, (url) => ({
      clients: [{ name: "laptop", token: TOKEN }],
      rotation: { timeouts: { firstByte: "500ms" } },
      log: { level: "debug", format: "json" },
      apiKeys: keys.map(({ model, secret }) => ({
        name: `key-${model}`,
        key: secret,
        url,
        models: [model],
        provider,
      })),
    }));
    const talk = async (model: string): Promise<string> => {
      const seen: string[] = [];
      try {
        const client = await open(it.proxy, path(model), options);
        seen.push(JSON.stringify(client.headers));
        client.socket.on("message", (data) => seen.push(String(data)));
        client.socket.send(first(model));
        const { code, reason } = await client.ended;
        seen.push(`${code} ${reason}`);
      } catch (error) {
        seen.push(String(error));
      }
      return seen.join("\n");
    };
    const answers: string[] = [];
    for (let round = 0; round < 2; round += 1)
      answers.push(...(await Promise.all(keys.map(({ model }) => talk(model)))));
    for (const { secret } of keys) expect(it.simulator.counts(secret).received).toBeGreaterThan(0);
    for (const answer of answers) expect(leakIn(answer)).toBeUndefined();
    expect(leakIn(it.proxy.output)).toBeUndefined();
    for (const request of it.simulator.requests) {
      expect(JSON.stringify([request.path, request.headers])).not.toContain("client-token");
    }
  },
);

test.each([
  [
    "an error",
    (secret: string) =>
      JSON.stringify({ type: "error", error: { code: "invalid_api_key", message: `Wrong: ${secret}` } }),
  ],
  [
    "a response that failed",
    (secret: string) =>
      JSON.stringify({
        type: "response.done",
        response: {
          status: "failed",
          status_details: { error: { code: "insufficient_quota", message: secret } },
        },
      }),
  ],
])("a key that an upstream repeats in %s in the middle of a session is overwritten", async (_name, say) => {
  const secret = marked("repeated");
  await using it = await socketStage((url) => ({
    apiKeys: [{ name: "only", key: secret, url, provider: "openai" }],
  }));
  const { client, upstream } = await session(it, () => open(it.proxy, "/v1/sockets?model=any"));
  upstream.socket.send("hello");
  expect(await client.text()).toBe("hello");
  upstream.socket.send(say(secret));
  const text = await client.text();
  expect(text).toHaveLength(say(secret).length);
  expect(leakIn(text)).toBeUndefined();
  await it.proxy.logged(({ event, key }) => event === "key" && key === "only");
  upstream.socket.close(1008, `no ${secret}`);
  expect(leakIn((await client.ended).reason)).toBeUndefined();
});
