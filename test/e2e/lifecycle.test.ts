import { describe, expect, test } from "bun:test";

import { CHAT, Proxy } from "./harness.ts";
import { headOf, RawClient } from "./raw-client.ts";
import { chunkOf, eventOf, LAST_CHUNK, type RawStage, rawStage, STREAM_HEAD } from "./raw-upstream.ts";

/** A proxy with one stream in flight, whose first event the client has. */
async function withStream(server: object = {}): Promise<RawStage & { client: RawClient; finish(): void }> {
  const released = Promise.withResolvers<void>();
  const it = await rawStage(
    async ({ target, socket }) => {
      if (target !== "/v1/chat/completions") return;
      socket.write(STREAM_HEAD + chunkOf(eventOf("one")));
      await released.promise;
      socket.write(chunkOf(eventOf("two")) + LAST_CHUNK);
    },
    () => ({ server }),
  );
  const client = await RawClient.chat(it.proxy.url);
  await client.untilReceived("one");
  return { ...it, client, finish: released.resolve };
}

const OK = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/** What the log says of a stream that KeyCycle itself ended. */
const BROKEN_OFF = { event: "request", error: "KeyCycle shut down" };

async function untilDraining(proxy: Proxy): Promise<void> {
  await proxy.until(() => proxy.output.includes("Stopping: 1 under way") || undefined);
}

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test("lets a stream in flight finish whole, accepts nothing new, and exits 0", async () => {
    await using it = await withStream();
    it.proxy.process.kill(signal);
    await untilDraining(it.proxy);

    const refused = await RawClient.connect(it.proxy.url).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });
    it.finish();
    await it.client.untilReceived("two");
    await it.client.untilReceived(LAST_CHUNK);

    expect(await it.proxy.process.exited).toBe(0);
    expect(it.proxy.log.find(({ event }) => event === "request")).toMatchObject({ status: 200 });
  });

  test("with nothing under way exits 0 at once, idle connections or not", async () => {
    await using it = await rawStage(() => {});
    const idle = await RawClient.connect(it.proxy.url);
    idle.send("GET /health");
    await idle.untilReceived('"ok"');
    it.proxy.process.kill(signal);
    expect(await it.proxy.process.exited).toBe(0);
    expect(it.proxy.output).not.toContain("Stopping");
  });

  test("a second time ends it at once", async () => {
    await using it = await withStream({ drainTimeout: "1h" });
    it.proxy.process.kill(signal);
    await untilDraining(it.proxy);
    it.proxy.process.kill(signal);
    await it.client.closed;
    expect(it.client.text).not.toContain(`\r\n${LAST_CHUNK}`);
    await it.proxy.process.exited;
    expect(it.proxy.process.signalCode).toBeNull();
    expect(it.proxy.log).toContainEqual(expect.objectContaining(BROKEN_OFF));
  });
});

test("drainTimeout breaks off what is left, never ending it cleanly, and exits 0", async () => {
  await using it = await withStream({ drainTimeout: "200ms" });
  it.proxy.process.kill("SIGTERM");
  await it.client.closed;
  expect(it.client.text).not.toContain(`\r\n${LAST_CHUNK}`);
  expect(await it.proxy.process.exited).toBe(0);
  expect(it.proxy.output).toContain("still under way after server.drainTimeout");
  expect(it.proxy.log).toContainEqual(expect.objectContaining(BROKEN_OFF));
});

test("a request that waits for its upstream is let finish as well", async () => {
  const released = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  await using it = await rawStage(async ({ socket }) => {
    arrived.resolve();
    await released.promise;
    socket.write(OK);
  });
  const client = await RawClient.chat(it.proxy.url, CHAT);
  await arrived.promise;
  it.proxy.process.kill("SIGTERM");
  await untilDraining(it.proxy);
  released.resolve();
  await client.untilReceived("\r\n\r\n{}");
  expect(await it.proxy.process.exited).toBe(0);
});

test.each([
  ["in a file", {}],
  ["in memory", { state: "memory" }],
])(
  "a request that waits for its upstream when it is broken off is logged as such, with the state %s",
  async (_, state) => {
    const arrived = Promise.withResolvers<void>();
    let answered = 0;
    await using it = await rawStage(
      ({ socket }) => {
        answered += 1;
        if (answered === 1) socket.write(OK);
        else arrived.resolve();
      },
      () => ({ server: { drainTimeout: "200ms" }, ...state }),
    );
    await it.proxy.post("/v1/chat/completions", CHAT);
    const client = await RawClient.chat(it.proxy.url, CHAT);
    await arrived.promise;
    it.proxy.process.kill("SIGTERM");
    await client.closed;
    expect(await it.proxy.process.exited).toBe(0);
    expect(it.proxy.log).toContainEqual(expect.objectContaining(BROKEN_OFF));
  },
);

test("while it drains, a connection that is open already learns so from /ready", async () => {
  await using it = await withStream();
  const open = await RawClient.connect(it.proxy.url);
  // Half a request keeps the connection from being idle.
  open.socket.write("GET /ready HTTP/1.1\r\nhost: localhost\r\n");
  await RawClient.connect(it.proxy.url).then((probe) => {
    probe.send("GET /ready");
    return probe.untilReceived('"ready"');
  });
  it.proxy.process.kill("SIGTERM");
  await untilDraining(it.proxy);
  open.socket.write("\r\n");
  const answer = await Promise.race([
    open.until((text) => text.includes('"draining"') && headOf(text).status),
    open.closed,
  ]);
  expect(["ended", "reset", 503]).toContain(answer);
  it.finish();
  expect(await it.proxy.process.exited).toBe(0);
});

describe("KeyCycle's own paths", () => {
  test("tell that it runs and that it is ready, without any upstream", async () => {
    await using it = await rawStage(() => {});
    for (const [path, status] of [["/health", "ok"] as const, ["/ready", "ready"] as const]) {
      const response = await fetch(it.proxy.url + path);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ status });
    }
    expect(it.upstream.requests).toHaveLength(0);
  });

  test.each(["POST /health", "DELETE /ready"])("%s is a 405 that says what is allowed", async (line) => {
    await using it = await rawStage(() => {});
    const [method = "", path = ""] = line.split(" ");
    const response = await fetch(it.proxy.url + path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD");
    expect(await response.text()).toContain("takes GET and HEAD only");
  });

  test.each([
    "HEAD /health",
    "HEAD /ready",
    "POST /health",
    "GET /health?verbose=1",
    "GET /metrics",
    "POST /admin/keys",
    "GET /dashboard/x",
  ])("%s never reaches an upstream", async (line) => {
    await using it = await rawStage(({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    const client = await RawClient.connect(it.proxy.url);
    client.send(line);
    await client.untilReceived("\r\n\r\n");
    expect(it.upstream.requests).toHaveLength(0);
    if (line.startsWith("HEAD") || line.startsWith("GET /health")) {
      expect(headOf(client.text).status).toBe(200);
    }
  });
});

test("--demo starts, answers in each API, and meets the dead key once", async () => {
  const proxy = await Proxy.start({}, { args: ["--demo"] });
  try {
    for (let turn = 0; turn < 6; turn += 1) {
      const response = await proxy.post("/v1/chat/completions", CHAT);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain("Hello");
    }
    const claude = { model: "claude-haiku-4-5", max_tokens: 32, messages: CHAT.messages };
    expect((await proxy.post("/v1/messages", claude, { "anthropic-version": "2023-06-01" })).status).toBe(
      200,
    );
    // OpenAI's clients may chat with Claude; what else they may want must not cost the key its good name.
    const others = { ...CHAT, model: "claude-haiku-4-5", input: "Hi" };
    expect((await proxy.post("/v1/embeddings", others)).status).toBe(404);
    for (const path of ["/", "/favicon.ico", "/v1/files"]) await fetch(`${proxy.url}${path}`);
    expect((await proxy.post("/v1/chat/completions", others)).status).toBe(200);
    const gemini = { contents: [{ role: "user", parts: [{ text: "Hi" }] }] };
    expect((await proxy.post("/v1beta/models/gemini-2.5-flash:generateContent", gemini)).status).toBe(200);
    expect(await proxy.stop()).toBe(0);

    const changes = proxy.log.filter(({ event }) => event === "key");
    expect(changes.filter(({ state }) => state === "dead")).toMatchObject([{ key: "openai-revoked" }]);
    const requests = proxy.log.filter(({ event }) => event === "request");
    expect(requests.filter(({ key }) => key === "openai-revoked")).toEqual([]);
    // The small key has the smaller chance of each; six in a row without it are no fault.
    const served = new Set(requests.flatMap(({ key }) => key ?? [])).difference(new Set(["openai-small"]));
    expect(served).toEqual(new Set(["openai-large", "claude", "gemini"]));
    expect(proxy.output).toContain("Base URLs for SDKs");
  } finally {
    proxy.process.kill("SIGKILL");
    await proxy.process.exited;
  }
});
