import { describe, expect, test } from "bun:test";

import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

import type { Fault } from "../../src/demo/simulator.ts";
import { front } from "./front.ts";
import { CHAT, stage, type Stage, type StageKey } from "./harness.ts";
import { DIALECTS } from "./providers.ts";

const FIRST: StageKey = { secret: "sk-first", name: "first", serves: ["model-1"] };
const SECOND: StageKey = { secret: "sk-second", name: "second", serves: ["model-2"] };
const THIRD: StageKey = { secret: "sk-third", name: "third", serves: ["model-3"] };
const KEYS = [FIRST, SECOND, THIRD];
const BEST = { aliases: { best: ["model-1", "model-2", "model-3"] } };
const PATH = "/v1/chat/completions";

const ask = (it: Stage, fields: object = {}) => it.proxy.post(PATH, { ...CHAT, model: "best", ...fields });

const LIMITED = (retryAfterMs: number): Fault => ({ kind: "limited", retryAfterMs, hint: "header-ms" });

describe("the next model of an alias serves where the first one's keys are", () => {
  test.each<{ is: string; fault: Fault; stream?: boolean }>([
    { is: "limited", fault: LIMITED(60_000) },
    { is: "spent", fault: { kind: "spent" } },
    { is: "dead", fault: { kind: "dead" } },
    { is: "overloaded", fault: { kind: "overloaded" } },
    { is: "without the model", fault: { kind: "unserved-model" } },
    { is: "failing", fault: { kind: "server-error" } },
    { is: "reset", fault: { kind: "reset", when: "before-first-byte" } },
    {
      is: "limited in the first event",
      fault: { kind: "error-as-first-event", code: "limited" },
      stream: true,
    },
    { is: "spent in the first event", fault: { kind: "error-as-first-event", code: "spent" }, stream: true },
    {
      is: "failing in the first event",
      fault: { kind: "error-as-first-event", code: "server-error" },
      stream: true,
    },
  ])("$is", async ({ fault, stream = false }) => {
    await using it = await stage(KEYS, { config: BEST });
    it.simulator.setFault("sk-first", fault);
    const response = await ask(it, { stream });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get("x-keycycle-model")).toBe("model-2");
    expect(response.headers.get("x-keycycle-key")).toBe("second");
    expect(response.headers.get("x-keycycle-attempts")).toBe("2");
    expect(text).toContain("model-2");
    expect(text).not.toContain("model-1");
    expect(it.simulator.requests.map(({ model }) => model)).toEqual(["model-1", "model-2"]);
    const line = await it.proxy.logged(({ event }) => event === "request");
    expect(line).toMatchObject({ model: "model-2", alias: "best", key: "second", status: 200, attempts: 2 });
  });

  test.each(DIALECTS)(
    "limited, in the words of $provider, plain and streamed",
    async ({ provider, send }) => {
      await using it = await stage(
        KEYS.map((key) => ({ ...key, provider })),
        { config: BEST },
      );
      it.simulator.setFault("sk-first", { kind: "limited", retryAfterMs: 60_000 });
      for (const stream of [false, true]) {
        const response = await send(it.proxy, { model: "best", stream });
        expect(response.status).toBe(200);
        await response.text();
        expect(response.headers.get("x-keycycle-model")).toBe("model-2");
      }
      // The second request knows already that the first key is limited.
      expect(it.simulator.counts("sk-first").received).toBe(1);
    },
  );

  test("all used up one by one, and the same key may serve several models", async () => {
    await using it = await stage([{ secret: "sk-first", models: ["model-3"] }], { config: BEST });
    const response = await ask(it);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-keycycle-model")).toBe("model-3");
    expect(it.simulator.requests.map(({ model }) => model)).toEqual(["model-1", "model-2", "model-3"]);
    await ask(it);
    expect(it.simulator.requests.at(-1)?.model).toBe("model-3");
    expect(it.simulator.requests).toHaveLength(4);
  });

  test("failing, where another key of the same model serves: that one goes first", async () => {
    const spare: StageKey = { secret: "sk-spare", name: "spare", serves: ["model-1"], priority: 1 };
    await using it = await stage([FIRST, spare, SECOND], {
      config: { aliases: { best: ["model-1", "model-2"] } },
    });
    it.simulator.setFault("sk-first", { kind: "server-error" });
    const response = await ask(it);
    expect(response.headers.get("x-keycycle-key")).toBe("spare");
    expect(response.headers.get("x-keycycle-model")).toBe("model-1");
  });
});

describe("a model's own name as an alias", () => {
  const config = { aliases: { "model-1": ["model-1", "model-2"] } };

  test("is sent untouched while it serves, and falls back when it does not", async () => {
    await using it = await stage([FIRST, SECOND], { config });
    const asked = String.raw`{"model":"m\u006fdel-1","messages":[]}`;
    const first = await it.proxy.post(PATH, asked);
    expect(first.headers.get("x-keycycle-model")).toBe("model-1");
    expect(Buffer.from(it.simulator.requests[0]?.body ?? []).toString()).toBe(asked);
    it.simulator.setFault("sk-first", LIMITED(60_000));
    const second = await it.proxy.post(PATH, asked);
    expect(second.headers.get("x-keycycle-model")).toBe("model-2");
    expect(it.proxy.output).not.toContain("hides");
  });
});

describe("a wait within maxWait", () => {
  test("is had for the first model, before the next is taken", async () => {
    await using it = await stage(KEYS, { config: { ...BEST, rotation: { maxWait: "10s" } } });
    it.simulator.setFault("sk-first", LIMITED(300), 1);
    const response = await ask(it);
    expect(response.headers.get("x-keycycle-model")).toBe("model-1");
    expect(it.simulator.requests.map(({ model }) => model)).toEqual(["model-1", "model-1"]);
  });

  test("is not had where the recovery is further away", async () => {
    await using it = await stage(KEYS, { config: { ...BEST, rotation: { maxWait: "10m" } } });
    it.simulator.setFault("sk-first", LIMITED(1_200_000));
    expect((await ask(it)).headers.get("x-keycycle-model")).toBe("model-2");
  });

  test("that comes to nothing ends in the next model", async () => {
    await using it = await front([{ secret: "sk-first" }, { secret: "sk-second" }], (url) => ({
      apiKeys: [
        { key: "sk-first", url, models: ["model-1"], limits: { concurrency: 1 } },
        { key: "sk-second", url, models: ["model-2"] },
      ],
      aliases: { best: ["model-1", "model-2"] },
      rotation: { maxWait: "300ms" },
    }));
    it.simulator.setFault("sk-first", { kind: "hang" });
    const arrival = it.simulator.nextArrival();
    const gone = new AbortController();
    const hanging = it.proxy.post(PATH, { ...CHAT, model: "best" }, {}, gone.signal).catch(() => "gone");
    await arrival;
    const response = await ask(it);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-keycycle-model")).toBe("model-2");
    expect(response.headers.get("x-keycycle-attempts")).toBe("1");
    gone.abort();
    expect(await hanging).toBe("gone");
  });

  test("ends with the client's going: nothing is sent for it, by no model", async () => {
    await using it = await stage(KEYS, { config: { ...BEST, rotation: { maxWait: "10s" } } });
    it.simulator.setFault("sk-first", LIMITED(5_000));
    const gone = new AbortController();
    const leaving = it.proxy.post(PATH, { ...CHAT, model: "best" }, {}, gone.signal).catch(() => "gone");
    await it.proxy.logged(({ event, state }) => event === "key" && state === "limited");
    gone.abort();
    expect(await leaving).toBe("gone");
    const line = await it.proxy.logged(({ event }) => event === "request");
    expect(line).toMatchObject({ status: 499, alias: "best" });
    expect(it.simulator.counts().received).toBe(1);
  });
});

describe("where none of the models can be served", () => {
  test("the answer is a 429 with the soonest recovery of all, and says why of each", async () => {
    await using it = await stage(KEYS, { config: BEST });
    it.simulator.setFault("sk-first", LIMITED(60_000));
    it.simulator.setFault("sk-second", LIMITED(20_000));
    it.simulator.setFault("sk-third", { kind: "dead" });
    const response = await ask(it);
    expect(response.status).toBe(429);
    const retryAfterMs = Number(response.headers.get("retry-after-ms"));
    expect(retryAfterMs).toBeWithin(10_000, 20_001);
    expect(response.headers.has("x-keycycle-model")).toBe(false);
    expect(await response.json()).toMatchObject({
      error: {
        code: "rate_limit_exceeded",
        message: expect.stringMatching(
          /^Nothing that the alias "best" stands for can be served\. .*"model-1" now: first is limited for .*"model-2" now: second is limited for .*"model-3" now: third is refused by its provider/,
        ),
      },
    });
    const line = await it.proxy.logged(({ event }) => event === "request");
    expect(line).toMatchObject({ status: 429, alias: "best", error: "rate_limit_exceeded" });
    // A second time nobody has to be asked.
    expect((await ask(it)).status).toBe(429);
    expect(it.simulator.counts().received).toBe(3);
  });

  test("failing upstreams make a 502 that tells of each, and maxAttempts holds over all models", async () => {
    const config = { ...BEST, rotation: { maxAttempts: 2 } };
    await using it = await stage(KEYS, { config });
    it.simulator.setFaultForAll({ kind: "server-error" });
    const response = await ask(it);
    expect(response.status).toBe(502);
    expect(await response.text()).toMatch(/first failed \(HTTP 500\).*second failed \(HTTP 500\)/);
    expect(response.headers.get("x-keycycle-attempts")).toBe("2");
  });

  test("one that stands for a single model tells in the upstream's own words that it stumbled", async () => {
    await using it = await stage(KEYS, { config: { aliases: { best: "model-1" } } });
    it.simulator.setFault("sk-first", { kind: "server-error" });
    const response = await ask(it);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain("server had an error");
  });

  test("a mistake of the client is told at once, by the first", async () => {
    await using it = await stage(KEYS, { config: BEST });
    it.simulator.setFault("sk-first", { kind: "bad-request" });
    const response = await ask(it);
    expect(response.status).toBe(400);
    expect(response.headers.get("x-keycycle-model")).toBe("model-1");
    expect(it.simulator.counts().received).toBe(1);
  });

  test("no key serves any: 404", async () => {
    await using it = await stage([FIRST], { config: { aliases: { best: ["model-7", "model-8"] } } });
    const response = await ask(it);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: {
        code: "model_not_found",
        param: "model",
        message: expect.stringMatching(/alias "best".*"model-7".*"model-8"/),
      },
    });
  });
});

test("an outage of the first model leaves attempts for those behind it", async () => {
  const many = Array.from({ length: 6 }, (_, index) => ({ secret: `sk-${index}`, serves: ["model-1"] }));
  await using it = await stage([...many, SECOND], { config: { aliases: { best: ["model-1", "model-2"] } } });
  for (const { secret } of many) it.simulator.setFault(secret, { kind: "server-error" });
  const response = await ask(it);
  expect(response.status).toBe(200);
  expect(response.headers.get("x-keycycle-model")).toBe("model-2");
  expect(response.headers.get("x-keycycle-attempts")).toBe("4");
});

test("nobody waits for a failing upstream to come back while another model serves", async () => {
  await using it = await front([{ secret: "sk-second" }], (url) => ({
    apiKeys: [
      // Nothing listens there.
      { key: "sk-first", url: "http://127.0.0.1:1", models: ["model-1"] },
      { key: "sk-second", url, models: ["model-2"] },
    ],
    aliases: { best: ["model-1", "model-2"] },
    rotation: { maxWait: "10m" },
  }));
  const attempts: (string | null)[] = [];
  for (let request = 0; request < 6; request += 1) {
    const { status, headers } = await ask(it);
    expect(status).toBe(200);
    attempts.push(headers.get("x-keycycle-attempts"));
  }
  // Five failures open the circuit; the wait for it to close again would be 5 s and more.
  expect(attempts).toEqual(["2", "2", "2", "2", "2", "1"]);
});

test("models that the client's API does not reach are passed over", async () => {
  const keys: StageKey[] = [
    { secret: "sk-openai", name: "openai", provider: "openai", serves: ["gpt-5"] },
    { secret: "sk-anthropic", name: "anthropic", provider: "anthropic", serves: ["claude-opus-4-5"] },
  ];
  await using it = await stage(keys, { config: { aliases: { best: ["gpt-5", "claude-opus-4-5"] } } });
  const messages = [{ role: "user" as const, content: "Hi" }];
  const anthropic = new Anthropic({ apiKey: "unused", baseURL: it.proxy.url, maxRetries: 0 });
  const message = await anthropic.messages.create({ model: "best", max_tokens: 10, messages });
  expect(message.model).toBe("claude-opus-4-5");
  const openai = new OpenAI({ apiKey: "unused", baseURL: `${it.proxy.url}/v1`, maxRetries: 0 });
  expect((await openai.chat.completions.create({ model: "best", messages })).model).toBe("gpt-5");
  // Anthropic answers OpenAI's API too.
  it.simulator.setFault("sk-openai", { kind: "limited" });
  const models = new Set<string>();
  for await (const chunk of await openai.chat.completions.create({ model: "best", messages, stream: true }))
    models.add(chunk.model);
  expect([...models]).toEqual(["claude-opus-4-5"]);
  expect(it.simulator.requests.map(({ secret }) => secret)).toEqual([
    "sk-anthropic",
    "sk-openai",
    "sk-openai",
    "sk-anthropic",
  ]);
});

test("an upload that is streamed through goes to the model that can serve, with its name in it", async () => {
  await using it = await stage(KEYS, { config: { ...BEST, server: { maxBody: "64KB" } } });
  it.simulator.setFault("sk-first", LIMITED(60_000));
  expect((await ask(it)).headers.get("x-keycycle-model")).toBe("model-2");
  const form = new FormData();
  form.set("model", "best");
  form.set("file", new Blob([new Uint8Array(1_000_000)]), "a.mp3");
  const arrival = it.simulator.nextRequest();
  const response = await fetch(`${it.proxy.url}/v1/audio/transcriptions`, { method: "POST", body: form });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("heard by model-2");
  expect((await arrival).bodyBytes).toBeGreaterThan(1_000_000);
});

test("what is learned is learned of the model, not of the alias", async () => {
  await using it = await stage(KEYS, { config: BEST });
  it.simulator.setFault("sk-first", LIMITED(60_000));
  await ask(it);
  const change = await it.proxy.logged(({ event }) => event === "key");
  expect(change).toMatchObject({ key: "first", model: "model-1", state: "limited" });
  const direct = await it.proxy.post(PATH, { ...CHAT, model: "model-1" });
  expect(direct.status).toBe(429);
  expect(it.simulator.counts("sk-first").received).toBe(1);
});
