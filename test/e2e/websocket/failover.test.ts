import { describe, expect, test } from "bun:test";

import type { Fault } from "../../../src/demo/simulator.ts";
import { stage } from "../harness.ts";
import { rawStage } from "../raw-upstream.ts";
import { switching } from "./frames.ts";
import { open, refused } from "./peer.ts";

const PATH = "/v1/realtime?model=gpt-realtime";
const GOOD = "sk-good-0000-good";
const BAD = "sk-bad-0000-sick";
const KEYS = [
  { name: "bad", secret: BAD, priority: 0 },
  { name: "good", secret: GOOD, priority: 1 },
];

describe("a key that is refused in the handshake costs the client nothing while another serves", () => {
  const faults: readonly (readonly [string, Fault, string | undefined])[] = [
    ["refused for good", { kind: "dead" }, "dead"],
    ["limited", { kind: "limited", retryAfterMs: 7_000 }, "limited"],
    ["spent", { kind: "spent" }, "spent"],
    ["without the model", { kind: "unserved-model" }, "unserved-model"],
    ["a server's error", { kind: "server-error", status: 500 }, undefined],
    ["an edge's page", { kind: "server-error", status: 503, html: true }, undefined],
    ["a connection that is reset", { kind: "reset", when: "before-first-byte" }, undefined],
    ["refused after the handshake", { kind: "error-as-first-event", code: "dead" }, "dead"],
    ["limited after the handshake", { kind: "error-as-first-event", code: "limited" }, "limited"],
    ["spent after the handshake", { kind: "error-as-first-event", code: "spent" }, "spent"],
    ["a server's error after it", { kind: "error-as-first-event", code: "server-error" }, undefined],
  ];

  test.each(faults)("%s", async (_name, fault, state) => {
    await using it = await stage(KEYS);
    it.simulator.setFault(BAD, fault);
    const client = await open(it.proxy, PATH);
    expect(client.headers["x-keycycle-key"]).toBe("good");
    expect(client.headers["x-keycycle-attempts"]).toBe("2");
    expect(await client.json()).toMatchObject({
      type: "session.created",
      session: { model: "gpt-realtime" },
    });
    client.socket.send('{"type":"response.create"}');
    expect(await client.json()).toMatchObject({ type: "response.created" });
    expect(it.simulator.requests.map(({ secret }) => secret)).toEqual([BAD, GOOD]);
    if (state === undefined) return;
    await it.proxy.logged((line) => line.event === "key" && line.key === "bad" && line.state === state);
    // What was learned in a handshake holds for plain requests too.
    await open(it.proxy, PATH);
    expect(it.simulator.counts(BAD).received).toBe(1);
  });

  test("that never answers", async () => {
    await using it = await stage(KEYS, { config: { rotation: { timeouts: { firstByte: "300ms" } } } });
    it.simulator.setFault(BAD, { kind: "hang" });
    const client = await open(it.proxy, PATH);
    expect(client.headers["x-keycycle-key"]).toBe("good");
  });

  test("that says nothing after the handshake is taken at it", async () => {
    await using it = await rawStage(
      ({ socket, header }) => {
        socket.write(switching(header("sec-websocket-key") ?? ""));
      },
      (url) => ({
        apiKeys: [{ key: "sk-raw", url, provider: "openai" }],
        rotation: { timeouts: { connect: "300ms" } },
      }),
    );
    const client = await open(it.proxy, PATH);
    expect(client.headers["x-keycycle-attempts"]).toBe("1");
  });
});

describe("where no key can serve, the client is not accepted, and told why as over HTTP", () => {
  test("all are limited: 429 and when to come back", async () => {
    await using it = await stage(KEYS);
    it.simulator.setFaultForAll({ kind: "limited", retryAfterMs: 9_000, hint: "header-ms" });
    const { status, headers, body } = await refused(it.proxy, PATH);
    expect(status).toBe(429);
    expect(Number(headers["retry-after-ms"])).toBeWithin(1, 9_001);
    expect(JSON.parse(body)).toMatchObject({ error: { code: "rate_limit_exceeded" } });
  });

  test("all are refused: 503", async () => {
    await using it = await stage(KEYS);
    it.simulator.setFaultForAll({ kind: "error-as-first-event", code: "dead" });
    expect(await refused(it.proxy, PATH)).toMatchObject({ status: 503 });
  });

  test("the upstream fails: 502, in the words that it had for it", async () => {
    await using it = await stage(KEYS.slice(1));
    it.simulator.setFaultForAll({ kind: "server-error", status: 500 });
    const { status, body } = await refused(it.proxy, PATH);
    expect([status, JSON.parse(body).error.type]).toEqual([500, "server_error"]);
  });

  test("nobody listens there: 502", async () => {
    await using it = await stage([{ secret: GOOD, url: "http://127.0.0.1:9" }]);
    expect(await refused(it.proxy, PATH)).toMatchObject({ status: 502 });
  });

  test("the request is wrong: the upstream's answer, untouched, and no second attempt", async () => {
    await using it = await stage(KEYS);
    it.simulator.setFaultForAll({ kind: "bad-request" });
    const { status, body, headers } = await refused(it.proxy, PATH);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ error: { code: "invalid_type" } });
    expect(headers["x-keycycle-key"]).toBe("bad");
    expect(it.simulator.counts().received).toBe(1);
  });

  test("a model that no key serves: 404", async () => {
    await using it = await stage([{ secret: GOOD, serves: ["gpt-4o"] }]);
    const { status, body } = await refused(it.proxy, PATH);
    expect([status, JSON.parse(body).error.code]).toEqual([404, "model_not_found"]);
  });

  test("an upstream that answers without an upgrade: its answer", async () => {
    await using it = await rawStage(
      ({ socket }) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nhi");
      },
      (url) => ({ apiKeys: [{ key: "sk-raw", url, provider: "openai" }] }),
    );
    expect(await refused(it.proxy, PATH)).toMatchObject({ status: 200, body: "hi" });
  });
});

test("a client waits for a limited key, within rotation.maxWait", async () => {
  await using it = await stage([{ secret: GOOD }], { config: { rotation: { maxWait: "10s" } } });
  it.simulator.setFault(GOOD, { kind: "limited", retryAfterMs: 400, hint: "header-ms" }, 1);
  const client = await open(it.proxy, PATH);
  expect(client.headers["x-keycycle-attempts"]).toBe("2");
});

test("an alias stands for its models, and falls back", async () => {
  await using it = await stage(
    [
      { name: "first", secret: BAD, serves: ["gpt-realtime"] },
      { name: "second", secret: GOOD, serves: ["gpt-realtime-mini"] },
    ],
    { config: { aliases: { voice: ["gpt-realtime", "gpt-realtime-mini"] } } },
  );
  it.simulator.setFault(BAD, { kind: "limited" });
  const client = await open(it.proxy, "/v1/realtime?model=voice&a=1");
  expect(client.headers["x-keycycle-model"]).toBe("gpt-realtime-mini");
  expect(await client.json()).toMatchObject({ session: { model: "gpt-realtime-mini" } });
  expect(it.simulator.requests.map(({ path }) => path)).toEqual([
    "/v1/realtime?model=gpt-realtime&a=1",
    "/v1/realtime?model=gpt-realtime-mini&a=1",
  ]);
});

test("an error in the middle of a session is learned from, and reaches the client without the key in it", async () => {
  await using it = await stage([{ name: "only", secret: GOOD }]);
  const client = await open(it.proxy, PATH);
  await client.next();
  client.socket.close();
  expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({
    closeCode: 1005,
    model: "gpt-realtime",
  });
});
