import { describe, expect, test } from "bun:test";

import { stage } from "../harness.ts";
import { type RawRequest, rawStage } from "../raw-upstream.ts";
import { switching } from "./frames.ts";
import { open } from "./peer.ts";
import { session, socketStage } from "./socket-stage.ts";

const LIVE = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
const A = "AIzaSy-first-0000-aaaa";
const B = "AIzaSy-other-0000-bbbb";

const setup = (model: string) => JSON.stringify({ setup: { model: `models/${model}` } });

function gemini(...names: readonly string[]) {
  return [A, B].slice(0, names.length || 2).map((secret, priority) => ({
    name: names[priority] ?? ["first", "other"][priority]!,
    secret,
    provider: "gemini" as const,
    priority,
  }));
}

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
