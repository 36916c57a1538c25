import { describe, expect, test } from "bun:test";

import { stage } from "../harness.ts";
import { type RawRequest, rawStage } from "../raw-upstream.ts";
import { switching } from "./frames.ts";
import { open, type Peer } from "./peer.ts";
import { session, socketStage } from "./socket-stage.ts";

const LIVE = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
const RESPONSES = "/v1/responses";
const A = "AIzaSy-first-0000-aaaa";
const B = "AIzaSy-other-0000-bbbb";

const setup = (model: string) => JSON.stringify({ setup: { model: `models/${model}` } });
const ask = (model: string) => JSON.stringify({ type: "response.create", model, input: "Hi" });

function gemini(...names: readonly string[]) {
  return [A, B].slice(0, names.length || 2).map((secret, priority) => ({
    name: names[priority] ?? ["first", "other"][priority]!,
    secret,
    provider: "gemini" as const,
    priority,
  }));
}

const OPENAI = [
  { name: "first", secret: "sk-first-0000-aaaa", priority: 0 },
  { name: "other", secret: "sk-other-0000-bbbb", priority: 1 },
];

describe("a Live session, whose first message names the model", () => {
  test.each([
    ["refused", { kind: "dead" }, "dead"],
    ["out of quota", { kind: "limited" }, "limited"],
    ["without the model", { kind: "unserved-model" }, "unserved-model"],
    ["failing", { kind: "server-error", status: 503 }, undefined],
    ["at an edge that fails", { kind: "server-error", status: 502, html: true }, undefined],
  ] as const)("goes on with another key where one is %s", async (_name, fault, state) => {
    await using it = await stage(gemini());
    it.simulator.setFault(A, fault);
    const client = await open(it.proxy, LIVE);
    client.socket.send(setup("gemini-live"));
    expect(await client.json()).toEqual({ setupComplete: {} });
    client.socket.send(JSON.stringify({ clientContent: { turns: [], turnComplete: true } }));
    expect(await client.json()).toHaveProperty("serverContent");
    expect(it.simulator.requests.map(({ secret }) => secret)).toEqual([A, B]);
    if (state !== undefined) await it.proxy.logged((line) => line.event === "key" && line.state === state);
  });

  test("goes to a key that serves its model, with the key in a header and not in the query", async () => {
    const keys = gemini().map((key, index) => ({
      ...key,
      serves: [["gemini-pro"], ["gemini-live"]][index]!,
    }));
    await using it = await stage(keys);
    const client = await open(it.proxy, `${LIVE}?key=my-token&alt=ws`);
    client.socket.send(Buffer.from(setup("gemini-live")));
    await client.next();
    expect(it.simulator.requests).toHaveLength(1);
    expect(it.simulator.requests[0]).toMatchObject({ secret: B, path: `${LIVE}?alt=ws` });
    expect(it.simulator.requests[0]?.headers["x-goog-api-key"]).toBe(B);
  });

  test("is asked for under an alias", async () => {
    await using it = await stage(gemini("first"), { config: { aliases: { voice: "gemini-live" } } });
    it.simulator.addKey({ secret: A, models: ["gemini-live"] });
    const client = await open(it.proxy, LIVE);
    client.socket.send(setup("voice"));
    expect(await client.json()).toEqual({ setupComplete: {} });
  });

  test("that no key can serve is closed with why, and the key's name is all it tells of the key", async () => {
    await using it = await stage(gemini("first"));
    it.simulator.setFault(A, { kind: "limited" });
    const client = await open(it.proxy, LIVE);
    client.socket.send(setup("gemini-live"));
    const { code, reason } = await client.ended;
    expect(code).toBe(1013);
    expect(reason).toStartWith('No key can serve the model "gemini-live" now: first is limited for');
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({
      status: 429,
      attempts: 1,
    });
  });

  test("with a wrong setup gets the upstream's own words, and no second key", async () => {
    await using it = await stage(gemini());
    const client = await open(it.proxy, LIVE);
    client.socket.send('{"setup":{}}');
    expect(await client.ended).toEqual({
      code: 1007,
      reason: "setup must be the first message and only the first.",
    });
    expect(it.simulator.requests).toHaveLength(1);
  });

  test("with a first message of broken JSON, which others might read all the same, is closed here", async () => {
    await using it = await stage(gemini());
    const client = await open(it.proxy, LIVE, {
      headers: { "content-type": "image/png", "content-encoding": "gzip" },
    });
    client.socket.send('{"setup":{"model":"models/gemini-live",},}');
    expect((await client.ended).code).toBe(1008);
    expect(it.simulator.requests).toHaveLength(0);
  });

  test("for a model that the client may not use is closed here", async () => {
    const config = { clients: [{ name: "small", token: "kc-small", models: ["gemini-small"] }] };
    await using it = await stage(gemini(), { config });
    const client = await open(it.proxy, `${LIVE}?key=kc-small`);
    client.socket.send(setup("gemini-live"));
    expect(await client.ended).toEqual({
      code: 1008,
      reason: 'The client "small" may not use the model "gemini-live": its "models" do not name it.',
    });
    expect(it.simulator.requests).toHaveLength(0);
  });

  test("that names the model twice is closed here", async () => {
    await using it = await stage(gemini());
    const client = await open(it.proxy, LIVE);
    client.socket.send('{"setup":{"model":"models/a","model":"models/b"}}');
    expect((await client.ended).code).toBe(1008);
  });

  test("that never begins is closed after server.readTimeout", async () => {
    await using it = await stage(gemini(), { config: { server: { readTimeout: "300ms" } } });
    const client = await open(it.proxy, LIVE);
    expect(await client.ended).toEqual({
      code: 1008,
      reason: "No message came within 0.3 s (server.readTimeout).",
    });
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({ status: 408 });
  });

  test("whose client leaves before it begins asks nobody", async () => {
    await using it = await stage(gemini());
    const client = await open(it.proxy, LIVE);
    client.socket.close();
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({
      status: 499,
      attempts: 0,
    });
    expect(it.simulator.requests).toHaveLength(0);
  });

  test("whose client leaves while a key is looked for is given up", async () => {
    const arrived = Promise.withResolvers<RawRequest>();
    await using it = await rawStage(
      (request) => arrived.resolve(request),
      (url) => ({ apiKeys: [{ key: "AIza-raw", url, provider: "gemini" }] }),
    );
    const client = await open(it.proxy, LIVE);
    client.socket.send(setup("gemini-live"));
    const { closed } = await arrived.promise;
    client.socket.terminate();
    await closed;
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({ status: 499 });
  });

  test("keeps what the client says ahead of the answer, in order", async () => {
    await using it = await socketStage((url) => ({ apiKeys: [{ key: A, url, provider: "gemini" }] }));
    const { client, upstream } = await session(it, async () => {
      const opened = await open(it.proxy, LIVE);
      opened.socket.send(setup("gemini-live"));
      for (let count = 0; count < 100; count += 1) opened.socket.send(Buffer.alloc(20_000, count));
      return opened;
    });
    expect(await upstream.text()).toBe(setup("gemini-live"));
    upstream.socket.send('{"setupComplete":{}}');
    for (let count = 0; count < 100; count += 1) expect((await upstream.next()).data[0]).toBe(count);
    expect(await client.text()).toBe('{"setupComplete":{}}');
  });

  test("that ends for want of quota in its middle tells the client, and rests the key", async () => {
    await using it = await socketStage((url) => ({
      apiKeys: [{ name: "only", key: A, url, provider: "gemini" }],
    }));
    const { client, upstream } = await session(it, async () => {
      const opened = await open(it.proxy, LIVE);
      opened.socket.send(setup("gemini-live"));
      return opened;
    });
    await upstream.next();
    upstream.socket.send('{"setupComplete":{}}');
    await client.next();
    upstream.socket.close(1011, `You exceeded your current quota. Key ${A}`);
    const { code, reason } = await client.ended;
    expect(code).toBe(1011);
    expect(reason).toBe(`You exceeded your current quota. Key ${"*".repeat(A.length)}`);
    await it.proxy.logged(
      (line) => line.event === "key" && line.state === "limited" && line.model === "gemini-live",
    );
    expect(it.proxy.output).not.toContain(A);
  });
});

describe("responses over a WebSocket, of which each message names the model", () => {
  async function talk(client: Peer, message: string): Promise<Record<string, unknown>[]> {
    client.socket.send(message);
    const events: Record<string, unknown>[] = [];
    for (;;) {
      const event = await client.json();
      events.push(event);
      if (event["type"] === "response.completed" || event["type"] === "error") return events;
    }
  }

  test.each([
    ["refused in the handshake", { kind: "dead" }],
    ["limited in its first event", { kind: "error-as-first-event", code: "limited" }],
    ["spent in its first event", { kind: "error-as-first-event", code: "spent" }],
  ] as const)("go on with another key where one is %s", async (_name, fault) => {
    await using it = await stage(OPENAI);
    it.simulator.setFault("sk-first-0000-aaaa", fault);
    const client = await open(it.proxy, RESPONSES);
    const events = await talk(client, ask("gpt-5"));
    expect(events[0]).toMatchObject({ type: "response.created" });
    expect(events.at(-1)).toMatchObject({ type: "response.completed" });
    expect(await talk(client, ask("gpt-5"))).toHaveLength(events.length);
    expect(it.simulator.requests.map(({ secret }) => secret?.slice(-4))).toEqual(["aaaa", "bbbb"]);
  });

  test("that no key can serve: an error event with the status, then the end", async () => {
    await using it = await stage(OPENAI);
    it.simulator.setFaultForAll({ kind: "error-as-first-event", code: "limited" });
    const client = await open(it.proxy, RESPONSES);
    const [event] = await talk(client, ask("gpt-5"));
    expect(event).toMatchObject({ type: "error", status: 429, error: { code: "rate_limit_exceeded" } });
    expect((await client.ended).code).toBe(1013);
  });

  test("that are wrong get the upstream's own error, and the connection goes on", async () => {
    await using it = await stage(OPENAI);
    const client = await open(it.proxy, RESPONSES);
    expect(await talk(client, '{"type":"response.nonsense","model":"gpt-5"}')).toMatchObject([
      { type: "error", status: 400 },
    ]);
    expect((await talk(client, ask("gpt-5"))).at(-1)).toMatchObject({ type: "response.completed" });
  });

  test("hold a client to its models in every turn", async () => {
    const config = { clients: [{ name: "small", token: "kc-small", models: ["gpt-small"] }] };
    await using it = await stage(OPENAI, { config });
    const client = await open(it.proxy, RESPONSES, { headers: { authorization: "Bearer kc-small" } });
    expect((await talk(client, ask("gpt-small"))).at(-1)).toMatchObject({ type: "response.completed" });
    expect(await talk(client, ask("gpt-large"))).toMatchObject([
      { type: "error", status: 403, error: { code: "model_not_allowed" } },
    ]);
    const twice = '{"type":"response.create","model":"gpt-small","input":"","model":"gpt-large"}';
    expect(await talk(client, twice)).toMatchObject([{ type: "error", status: 400 }]);
    expect((await talk(client, ask("gpt-small"))).at(-1)).toMatchObject({ type: "response.completed" });
  });

  test("hold a client to its requests a minute in every turn", async () => {
    const config = { clients: [{ name: "slow", token: "kc-slow", limits: { rpm: 2 } }] };
    await using it = await stage(OPENAI, { config });
    const client = await open(it.proxy, RESPONSES, { headers: { authorization: "Bearer kc-slow" } });
    await talk(client, ask("gpt-5"));
    await talk(client, ask("gpt-5"));
    expect(await talk(client, ask("gpt-5"))).toMatchObject([
      { type: "error", status: 429, error: { code: "client_rate_limit_exceeded" } },
    ]);
  });

  test("may ask for an alias in every turn", async () => {
    const config = { aliases: { best: "gpt-5", quick: ["gpt-mini", "gpt-5"] } };
    await using it = await stage(OPENAI.slice(0, 1), { config });
    it.simulator.addKey({ secret: "sk-first-0000-aaaa", models: ["gpt-5", "gpt-mini"] });
    const client = await open(it.proxy, RESPONSES);
    for (const [asked, model] of [
      ["best", "gpt-5"],
      ["quick", "gpt-mini"],
      ["best", "gpt-5"],
      ["gpt-mini", "gpt-mini"],
    ]) {
      expect((await talk(client, ask(asked!)))[0]).toMatchObject({ response: { model } });
    }
  });

  test("choose a subprotocol for a browser that offers its token as one", async () => {
    await using it = await stage(OPENAI, { config: { clients: [{ token: "kc-browser" }] } });
    const subprotocols = ["realtime", "openai-insecure-api-key.kc-browser"];
    const client = await open(it.proxy, RESPONSES, { subprotocols });
    expect(client.socket.protocol).toBe("realtime");
    await talk(client, ask("gpt-5"));
    expect(it.simulator.requests[0]?.headers["sec-websocket-protocol"]).toBe("realtime");
  });
});

test("an upstream that is silent after the first message is given up after timeouts.firstByte", async () => {
  await using it = await rawStage(
    ({ socket, header }) => void socket.write(switching(header("sec-websocket-key") ?? "")),
    (url) => ({
      apiKeys: [{ name: "mute", key: "AIza-raw", url, provider: "gemini" }],
      rotation: { maxAttempts: 1, timeouts: { firstByte: "300ms" } },
    }),
  );
  const client = await open(it.proxy, LIVE);
  client.socket.send(setup("gemini-live"));
  const { code, reason } = await client.ended;
  expect(code).toBe(1013);
  expect(reason).toContain("mute failed (no first byte within 0.3 s)");
});
