import { describe, expect, test } from "bun:test";

import { headOf, RawClient } from "../raw-client.ts";
import { sendRaw } from "../raw.ts";
import { stage } from "../harness.ts";
import { HANDSHAKE } from "./frames.ts";
import { open, refused } from "./peer.ts";
import { PLAIN_PATH, session, socketStage } from "./socket-stage.ts";

const PATH = "/v1/realtime?model=gpt-realtime";
const KEYS = [{ name: "only", secret: "sk-only-0000-only" }];
const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe("who may open a WebSocket", () => {
  test.each([
    ["a header", PATH, as("kc-app")],
    ["the header of Azure", PATH, { headers: { "api-key": "kc-app" } }],
    ["a subprotocol", PATH, { subprotocols: ["realtime", "openai-insecure-api-key.kc-app"] }],
    ["the query", `${PATH}&key=kc-app`, {}],
    ["the query of Azure", `/openai/v1/realtime?model=gpt-realtime&api-key=kc-app`, {}],
  ] as const)("a client whose token stands in %s, which goes no further", async (_name, path, options) => {
    const provider = path.startsWith("/openai") ? ("azure" as const) : ("openai" as const);
    await using it = await stage([{ ...KEYS[0]!, provider }], {
      config: { clients: [{ name: "app", token: "kc-app" }] },
    });
    const client = await open(it.proxy, path, options);
    await client.next();
    const [request] = it.simulator.requests;
    expect(JSON.stringify(request)).not.toContain("kc-app");
    expect(request?.secret).toBe("sk-only-0000-only");
    client.socket.close();
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({ client: "app" });
    expect(it.proxy.output).not.toContain("kc-app");
  });

  test.each([
    ["no token", {}],
    ["a wrong one", as("kc-wrong")],
    ["a wrong one in a subprotocol", { subprotocols: ["openai-insecure-api-key.kc-wrong"] }],
  ] as const)("nobody with %s", async (_name, options) => {
    await using it = await stage(KEYS, { config: { clients: [{ token: "kc-app" }] } });
    expect(await refused(it.proxy, PATH, options)).toMatchObject({ status: 401 });
    expect(it.simulator.requests).toHaveLength(0);
  });

  test("no page of another origin, unless it is allowed", async () => {
    await using it = await stage(KEYS, { config: { server: { cors: ["https://app.example.com"] } } });
    const from = (origin: string) => ({ headers: { origin } });
    expect(await refused(it.proxy, PATH, from("https://evil.example.com"))).toMatchObject({ status: 403 });
    await open(it.proxy, PATH, from("https://app.example.com"));
    expect(it.simulator.requests).toHaveLength(1);
  });

  test("no client for a model that is not its own", async () => {
    await using it = await stage(KEYS, { config: { clients: [{ token: "kc-app", models: ["gpt-4o"] }] } });
    const { status, body } = await refused(it.proxy, PATH, as("kc-app"));
    expect([status, JSON.parse(body).error.code]).toEqual([403, "model_not_allowed"]);
  });
});

test.each(["/v1/realtime?intent=transcription", "/v1/sockets"])(
  "a client that may not use every model names one before anybody listens: %s",
  async (path) => {
    await using it = await stage(KEYS, { config: { clients: [{ token: "kc-app", models: ["gpt-*"] }] } });
    const { status, body } = await refused(it.proxy, path, as("kc-app"));
    expect([status, JSON.parse(body).error.code]).toEqual([403, "model_not_allowed"]);
    expect(it.simulator.requests).toHaveLength(0);
  },
);

describe("a client's own limits", () => {
  const clients = [
    { name: "one", token: "kc-one", limits: { concurrency: 1 } },
    { name: "few", token: "kc-few", limits: { rpm: 2 } },
  ];

  test("hold for sessions under way", async () => {
    await using it = await stage(KEYS, { config: { clients } });
    const first = await open(it.proxy, PATH, as("kc-one"));
    expect(await refused(it.proxy, PATH, as("kc-one"))).toMatchObject({ status: 429 });
    first.socket.close();
    await it.proxy.logged(({ status }) => status === 101);
    await open(it.proxy, PATH, as("kc-one"));
  });

  test("hold for sessions a minute", async () => {
    await using it = await stage(KEYS, { config: { clients } });
    for (let count = 0; count < 2; count += 1) (await open(it.proxy, PATH, as("kc-few"))).socket.close();
    const { status, body, headers } = await refused(it.proxy, PATH, as("kc-few"));
    expect([status, JSON.parse(body).error.code]).toEqual([429, "client_rate_limit_exceeded"]);
    expect(Number(headers["retry-after-ms"])).toBeGreaterThan(0);
  });

  test("hold for the tokens that a session used, whoever broke it off", async () => {
    await using it = await socketStage((url) => ({
      clients: [{ token: "kc-app", limits: { tpm: 1_000 } }],
      apiKeys: [{ name: "only", key: "sk-only", url, provider: "openai" }],
    }));
    const { client, upstream } = await session(it, () => open(it.proxy, PLAIN_PATH, as("kc-app")));
    const usage = { input_tokens: 900, output_tokens: 5_000 };
    upstream.socket.send(JSON.stringify({ type: "response.done", response: { usage } }));
    await client.next();
    client.socket.terminate();
    await it.proxy.logged(({ outputTokens, closeCode }) => outputTokens === 5_000 && closeCode === 1006);
    expect(await refused(it.proxy, PLAIN_PATH, as("kc-app"))).toMatchObject({ status: 429 });
  });
});

test("a key's concurrency holds for sessions under way, and the next waits for the end of one", async () => {
  await using it = await socketStage((url) => ({
    apiKeys: [{ name: "only", key: "sk-only", url, provider: "openai", limits: { concurrency: 1 } }],
    rotation: { maxWait: "10s" },
  }));
  const first = await session(it, () => open(it.proxy, PLAIN_PATH));
  const second = session(it, () => open(it.proxy, PLAIN_PATH));
  await (await fetch(`${it.proxy.url}/health`)).text();
  expect(it.sessions).toHaveLength(1);
  first.client.socket.close();
  await second;
  expect(it.sessions).toHaveLength(2);
});

describe("the handshake", () => {
  test.each([
    ["without Connection: Upgrade", { connection: "keep-alive" }],
    ["of another version", { "sec-websocket-version": "12" }],
    ["without a key", { "sec-websocket-key": "" }],
    ["with half a key", { "sec-websocket-key": "c2hvcnQ=" }],
  ])("%s is refused with why", async (_name, headers) => {
    await using it = await stage(KEYS);
    const fields = Object.entries({ host: "localhost", ...HANDSHAKE, ...headers });
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const { status, body } = await sendRaw(it.proxy.url, `GET ${PATH} HTTP/1.1\r\n${lines}\r\n`);
    expect([status, JSON.parse(body).error.code]).toEqual([400, "invalid_handshake"]);
  });

  test("offers the upstream what the client offers, and tells the client what it chose", async () => {
    await using it = await socketStage({}, (offered) => (offered.has("second") ? "second" : false));
    const subprotocols = ["first", "openai-organization.org-mine", "openai-project.proj-mine", "second"];
    const { client, upstream } = await session(it, () => open(it.proxy, PLAIN_PATH, { subprotocols }));
    expect(upstream.request.headers["sec-websocket-protocol"]).toBe("first,second");
    expect((client as { socket: { protocol: string } }).socket.protocol).toBe("second");
  });

  test("chooses no subprotocol where the upstream does not, and never a token", async () => {
    await using it = await socketStage();
    const client = await RawClient.connect(it.proxy.url);
    const subprotocols = "openai-insecure-api-key.x, y";
    client.send(`GET ${PLAIN_PATH}`, { ...HANDSHAKE, "sec-websocket-protocol": subprotocols });
    await client.untilReceived("\r\n\r\n");
    const { status, lines } = headOf(client.text);
    expect(status).toBe(101);
    expect(lines.filter((line) => line.startsWith("sec-websocket-"))).toEqual([
      expect.stringContaining("sec-websocket-accept: "),
    ]);
  });

  test("goes on without subprotocols that are no names, or stand there twice", async () => {
    await using it = await socketStage({}, (offered) => [...offered][0] ?? false);
    const client = await RawClient.connect(it.proxy.url);
    client.send(`GET ${PLAIN_PATH}#x`, { ...HANDSHAKE, "sec-websocket-protocol": "a/b, c, c, {}" });
    await client.untilReceived("\r\n\r\n");
    expect(headOf(client.text)).toMatchObject({
      status: 101,
      lines: expect.arrayContaining(["sec-websocket-protocol: c"]),
    });
  });

  test("agrees on no compression, whoever offers it", async () => {
    await using it = await socketStage();
    const { client, upstream } = await session(it, () =>
      open(it.proxy, PLAIN_PATH, { perMessageDeflate: true }),
    );
    expect(upstream.request.headers).not.toHaveProperty("sec-websocket-extensions");
    client.socket.send("x".repeat(10_000), { compress: true });
    expect(await upstream.text()).toHaveLength(10_000);
  });

  test("tells the names of key and request, unless the configuration turns that off", async () => {
    await using shown = await stage(KEYS);
    const { headers } = await open(shown.proxy, PATH, { headers: { "x-request-id": "mine-1" } });
    expect(headers).toMatchObject({
      "x-request-id": "mine-1",
      "x-keycycle-key": "only",
      "x-keycycle-attempts": "1",
    });
    await using hidden = await stage(KEYS, { config: { server: { responseHeaders: false } } });
    const client = await open(hidden.proxy, PATH);
    expect(Object.keys(client.headers).filter((name) => name.startsWith("x-keycycle"))).toEqual([]);
  });
});

describe("a message that breaks the rules ends the session", () => {
  test("larger than server.maxBody, from the client", async () => {
    await using it = await socketStage({ server: { maxBody: "1MB" } });
    const { client, upstream } = await session(it, () => open(it.proxy, PLAIN_PATH));
    client.socket.send(Buffer.alloc(2_000_000));
    expect((await client.ended).code).toBe(1009);
    expect((await upstream.ended).code).toBe(1006);
  });

  test("larger than server.maxBody, from the upstream", async () => {
    await using it = await socketStage({ server: { maxBody: "1MB" } });
    const { client, upstream } = await session(it, () => open(it.proxy, PLAIN_PATH));
    upstream.socket.send(Buffer.alloc(2_000_000));
    const reason = "the upstream broke off (WS_ERR_UNSUPPORTED_MESSAGE_LENGTH)";
    expect(await client.ended).toEqual({ code: 1011, reason });
    expect((await upstream.ended).code).toBe(1009);
  });

  test("of broken UTF-8, from the client", async () => {
    await using it = await socketStage();
    const { client, upstream } = await session(it, () => open(it.proxy, PLAIN_PATH));
    client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect((await client.ended).code).toBe(1007);
    await upstream.ended;
  });
});

test("Azure's own paths name the deployment", async () => {
  const azure = [{ ...KEYS[0]!, provider: "azure" as const, serves: ["my-deployment"] }];
  await using it = await stage(azure, { config: { aliases: { voice: "my-deployment" } } });
  const path = (name: string) => `/openai/realtime?api-version=2024-10-01-preview&deployment=${name}`;
  const client = await open(it.proxy, path("my-deployment"), { headers: { "api-key": "unused" } });
  expect(await client.json()).toMatchObject({ session: { model: "my-deployment" } });
  expect(it.simulator.requests[0]?.headers["api-key"]).toBe("sk-only-0000-only");
  expect(await refused(it.proxy, path("other"))).toMatchObject({ status: 404 });
  await (await open(it.proxy, path("voice"))).next();
  expect(it.simulator.requests.at(-1)?.path).toBe(path("my-deployment"));
});
