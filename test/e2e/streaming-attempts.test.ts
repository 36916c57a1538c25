import { describe, expect, test } from "bun:test";

import { CHAT, stage } from "./harness.ts";
import { DIALECTS } from "./providers.ts";
import { RawClient } from "./raw-client.ts";
import { chunkOf, eventOf, LAST_CHUNK, type RawRequest, rawStage, STREAM_HEAD } from "./raw-upstream.ts";

const STREAM = { ...CHAT, stream: true };
const MULTIPART = "multipart/form-data; boundary=B";

/** A form with a file of so many random bytes, every value of a byte among them. */
function upload(bytes: number): Buffer {
  const before = `--B\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--B\r\ncontent-disposition: form-data; name="file"; filename="a.mp3"\r\ncontent-type: audio/mpeg\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(before),
    crypto.getRandomValues(Buffer.alloc(Math.min(bytes, 65_536))),
    Buffer.alloc(Math.max(0, bytes - 65_536), "y"),
    Buffer.from("\r\n--B--\r\n"),
  ]);
}

describe("a time limit", () => {
  test("between two chunks breaks the stream off, at both ends", async () => {
    const arrived = Promise.withResolvers<RawRequest>();
    await using it = await rawStage(
      (request) => {
        request.socket.write(STREAM_HEAD + chunkOf(eventOf("one")));
        arrived.resolve(request);
      },
      () => ({ rotation: { timeouts: { idle: "200ms" } } }),
    );
    const client = await RawClient.chat(it.proxy.url);
    await client.untilReceived("one");
    await client.closed;
    await (
      await arrived.promise
    ).closed;
    expect(client.text).not.toContain(`\r\n${LAST_CHUNK}`);
    const line = await it.proxy.logged(({ event }) => event === "request");
    expect(line).toMatchObject({ status: 200, error: "upstream fell silent" });
  });

  test("between chunks is no limit of a stream's length", async () => {
    await using it = await stage([{ secret: "sk-a" }], {
      simulator: { chunks: 12, chunkDelayMs: 60 },
      config: { rotation: { timeouts: { idle: "500ms" } } },
    });
    const body = await (await it.proxy.post("/v1/chat/completions", STREAM)).text();
    expect(body.split("\n\n").length).toBeGreaterThan(12);
    expect(body).toEndWith("data: [DONE]\n\n");
  });

  test("between chunks is the upstream's: a client that reads slowly is not cut off for it", async () => {
    // Enough to fill every buffer on the way, so that the proxy waits for the client.
    const size = 40_000_000;
    await using it = await rawStage(
      ({ target, socket }) => {
        if (target !== "/v1/chat/completions") return;
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ntransfer-encoding: chunked\r\n\r\n`);
        socket.write(`${size.toString(16)}\r\n`);
        socket.write(Buffer.alloc(size, "x"));
        socket.write(`\r\n${LAST_CHUNK}`);
      },
      () => ({ rotation: { maxAttempts: 1, timeouts: { idle: "200ms", firstByte: "600ms" } } }),
    );
    const client = await RawClient.chat(it.proxy.url);
    client.keep = false;
    await client.until(() => client.bytes > 100_000);
    client.socket.pause();
    // Three times the limit pass by the proxy's own clock.
    expect((await it.proxy.post("/v1/embeddings", CHAT)).status).toBe(504);
    client.socket.resume();
    const line = await it.proxy.logged(({ path }) => path === "/v1/chat/completions");
    expect(line).not.toHaveProperty("error");
    await client.until(() => client.bytes > size);
  });

  test.each(DIALECTS)("until the first byte fails over from a hanging $provider key", async (row) => {
    await using it = await stage(
      [
        { secret: "sk-hangs", provider: row.provider, fault: { kind: "hang" }, priority: 0 },
        { secret: "sk-works", provider: row.provider, priority: 1 },
      ],
      { config: { rotation: { timeouts: { firstByte: "200ms" } } } },
    );
    const given = it.simulator.nextRequest(({ secret }) => secret === "sk-hangs");
    const response = await row.send(it.proxy);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-keycycle-key")).toBe("key-2");
    expect((await given).aborted).toBe(true);
  });

  test.each([
    { is: "headers only", sent: STREAM_HEAD },
    { is: "a comment only", sent: STREAM_HEAD + chunkOf(": wait\n\n") },
    { is: "half an event", sent: STREAM_HEAD + chunkOf("data: {") },
    {
      is: "half a body of known length",
      sent: "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    },
  ])("fails over from an upstream that sends $is", async ({ sent }) => {
    await using it = await rawStage(
      ({ socket, header }) => {
        const slow = header("authorization") === "Bearer sk-slow";
        socket.write(slow ? sent : STREAM_HEAD + chunkOf(eventOf("well")) + LAST_CHUNK);
      },
      (url) => ({
        rotation: { timeouts: { firstByte: "200ms" } },
        apiKeys: [
          { name: "slow", key: "sk-slow", url },
          { name: "well", key: "sk-well", url, priority: 1 },
        ],
      }),
    );
    const response = await it.proxy.post("/v1/chat/completions", STREAM);
    expect(await response.text()).toBe(eventOf("well"));
    expect(response.headers.get("x-keycycle-key")).toBe("well");
  });
});

describe("maxAttempts bounds", () => {
  const keys = (fault: { kind: "server-error" } | { kind: "reset"; when: "before-first-byte" }) =>
    Array.from({ length: 6 }, (_, index) => ({ secret: `sk-${index}`, fault }));
  const config = { rotation: { maxAttempts: 3 } };

  test("answers that say the upstream failed, and the last of them is the client's", async () => {
    await using it = await stage(keys({ kind: "server-error" }), { config });
    const response = await it.proxy.post("/v1/chat/completions", CHAT);
    expect(response.status).toBe(500);
    expect(await response.json()).toHaveProperty("error");
    expect(response.headers.get("x-keycycle-attempts")).toBe("3");
    expect(it.simulator.counts().received).toBe(3);
  });

  test("connections that break, and the client is told with 502", async () => {
    await using it = await stage(keys({ kind: "reset", when: "before-first-byte" }), { config });
    const response = await it.proxy.post("/v1/chat/completions", CHAT);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: "upstream_failed" } });
    expect(it.simulator.counts().received).toBe(3);
  });
});

describe("the request's body", () => {
  test.each([
    {
      is: "JSON of odd form",
      path: "/v1/chat/completions",
      type: "application/json; charset=utf-8",
      body: Buffer.from(
        '{ "messages":[{"role":"user","content":"h\\u00e9 \\ud83d\\ude00 é😀\\/"}],\r\n\t"n":1e0, "x":1.50,"big":12345678901234567890, "model" : "gpt\\u002d4o" }\n',
      ),
    },
    {
      is: "a form with a file",
      path: "/v1/audio/transcriptions",
      type: MULTIPART,
      body: upload(200_000),
    },
  ])("is sent again byte for byte: $is", async ({ path, type, body }) => {
    await using it = await stage([
      { secret: "sk-a", fault: { kind: "reset", when: "before-first-byte" }, priority: 0 },
      { secret: "sk-b", fault: { kind: "limited" }, priority: 1 },
      { secret: "sk-c", priority: 2 },
    ]);
    const response = await fetch(it.proxy.url + path, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    expect(response.status).toBe(200);
    expect(it.simulator.requests.map(({ secret }) => secret)).toEqual(["sk-a", "sk-b", "sk-c"]);
    for (const request of it.simulator.requests) {
      expect(Buffer.from(request.body).equals(body)).toBe(true);
      expect(request.headers["content-type"]).toBe(type);
      expect(request.headers["content-length"]).toBe(String(body.length));
    }
  });
});

describe("an upload over maxBody", () => {
  const config = { server: { maxBody: "64KB" } };

  test("in a form goes through whole, in chunks or of known length", async () => {
    await using it = await stage([{ secret: "sk-a" }], { config });
    const body = upload(3_000_000);
    for (const sent of [body, new Blob([body]).stream()]) {
      const arrived = it.simulator.nextRequest();
      const response = await fetch(`${it.proxy.url}/v1/audio/transcriptions`, {
        method: "POST",
        headers: { "content-type": MULTIPART },
        body: sent,
      });
      expect(response.status).toBe(200);
      expect(Buffer.from((await arrived).body).equals(body)).toBe(true);
    }
    expect((await it.proxy.logged(({ event }) => event === "request")).model).toBe("whisper-1");
  });

  test("of plain bytes reaches the upstream while the client is still sending", async () => {
    const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    await using it = await rawStage(
      ({ socket }) => void socket.write(answer),
      () => config,
    );
    const first = Promise.withResolvers<void>();
    it.upstream.server.on("connection", (socket) => {
      let bytes = 0;
      socket.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > 64_000) first.resolve();
      });
    });
    const client = await RawClient.connect(it.proxy.url);
    client.send("POST /v1/uploads/u-1/parts", {
      "content-type": "application/octet-stream",
      "content-length": "400000",
    });
    client.socket.write(Buffer.alloc(200_000, "a"));
    await first.promise;
    client.socket.write(Buffer.alloc(200_000, "b"));
    await client.untilReceived("\r\n\r\nok");
    expect(it.upstream.requests).toHaveLength(1);
    expect(it.upstream.requests[0]!.body.toString()).toBe("a".repeat(200_000) + "b".repeat(200_000));
  });

  test("keeps its announced length, which some uploads need", async () => {
    const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    await using it = await rawStage(
      ({ socket }) => void socket.write(answer),
      () => config,
    );
    await fetch(`${it.proxy.url}/v1/uploads/u-1/parts`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: Buffer.alloc(100_000),
    });
    expect(it.upstream.requests[0]!.header("content-length")).toBe("100000");
  });

  test("is sent once only, whatever becomes of it", async () => {
    await using it = await stage(
      [
        { secret: "sk-a", fault: { kind: "server-error" }, priority: 0 },
        { secret: "sk-b", priority: 1 },
      ],
      { config },
    );
    const response = await fetch(`${it.proxy.url}/v1/audio/transcriptions`, {
      method: "POST",
      headers: { "content-type": MULTIPART },
      body: upload(200_000),
    });
    expect(response.status).toBe(500);
    expect(it.simulator.counts().received).toBe(1);
  });

  test("given up by the client midway is given up upstream", async () => {
    const opened = Promise.withResolvers<{ readonly closed: Promise<void> }>();
    await using it = await rawStage(
      () => {},
      () => config,
    );
    it.upstream.server.on("connection", (socket) => {
      const closed = new Promise<void>((resolve) => {
        socket.once("close", () => resolve());
      });
      socket.once("data", () => opened.resolve({ closed }));
    });
    const client = await RawClient.connect(it.proxy.url);
    client.send("POST /v1/uploads/u-1/parts", {
      "content-type": "application/octet-stream",
      "content-length": "400000",
    });
    client.socket.write(Buffer.alloc(200_000, "a"));
    const { closed } = await opened.promise;
    client.socket.destroy();
    await closed;
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({ status: 499 });
    expect(it.upstream.requests).toHaveLength(0);
  });
});
