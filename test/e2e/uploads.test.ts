import { describe, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import OpenAI from "openai";

import { EarlyUpstream, errorAnswer } from "./early-upstream.ts";
import { CHAT, Proxy, stage } from "./harness.ts";
import { headOf, RawClient } from "./raw-client.ts";
import { RawUpstream } from "./raw-upstream.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
const PLAIN = { "content-type": "application/octet-stream" };
const FORM = { "content-type": "multipart/form-data; boundary=b" };
const MODEL = '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n';
const FILE = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n';

/** Random, so that nothing of it can be missing or twice. */
const randomBytes = (size: number) =>
  Buffer.concat(
    Array.from({ length: size / 65_536 }, () => Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)))),
  );

/** The binary in front of these upstreams, each with a key, the first the one that is taken first. */
async function proxyOf(
  urls: readonly string[],
  config: { server?: object; rotation?: object; log?: object } = {},
) {
  const apiKeys = urls.map((url, index) => ({ name: `key-${index + 1}`, key: "sk-a", url, priority: index }));
  const proxy = await Proxy.start({ apiKeys, ...config });
  return {
    proxy,
    async [Symbol.asyncDispose]() {
      proxy.process.kill("SIGKILL");
      await proxy.process.exited;
    },
  };
}

describe("an upload that is answered before it has been sent", () => {
  test.each([
    { how: "and reads on", after: () => {}, fields: "" },
    { how: "and reads no more", after: (socket: Socket) => socket.pause(), fields: "" },
    { how: "and ends (FIN)", after: (socket: Socket) => socket.end(), fields: "connection: close\r\n" },
    {
      how: "and is gone (RST)",
      after: (socket: Socket) => socket.resetAndDestroy(),
      fields: "connection: close\r\n",
    },
  ])("by an upstream that refuses it $how: the client gets the refusal", async ({ after, fields }) => {
    await using upstream = await EarlyUpstream.start((socket) =>
      socket.write(errorAnswer("413 Too Large", "too_large", fields), () => after(socket)),
    );
    await using it = await proxyOf([upstream.url]);
    const client = await RawClient.connect(it.proxy.url);
    const length = 100_000_000;
    client.send("POST /v1/uploads/u-1/parts", { ...PLAIN, "content-length": String(length) });
    client.socket.write(Buffer.alloc(5_000_000));
    await client.untilReceived("too_large");
    expect(headOf(client.text).status).toBe(413);
    await upstream.closed;

    // Whoever goes on all the same may finish, and use the connection again.
    client.socket.write(Buffer.alloc(length - 5_000_000), () => {
      client.text = "";
      client.send("GET /health");
    });
    await client.untilReceived("HTTP/1.1 200 OK");
    expect(it.proxy.output).not.toContain("rror:");
  });

  test.each([
    { is: "limited", answer: errorAnswer("429 Too Many", "rate_limit_exceeded", "retry-after: 20\r\n") },
    { is: "dead", answer: errorAnswer("401 Unauthorized", "invalid_api_key") },
    { is: "failing", answer: errorAnswer("503 Unavailable", "server_error") },
  ])("by a key that is $is, goes to another, whole", async ({ answer }) => {
    await using refusing = await EarlyUpstream.start((socket) => socket.write(answer));
    await using serving = await RawUpstream.start(({ socket }) => void socket.write(OK));
    await using it = await proxyOf([refusing.url, serving.url], { server: { maxBody: "40MB" } });
    const file = randomBytes(6_553_600);
    const rest = Buffer.alloc(60_000_000, "z");
    const client = await RawClient.connect(it.proxy.url);
    client.send("POST /v1/audio/transcriptions", {
      ...FORM,
      "content-length": String(MODEL.length + FILE.length + file.length + rest.length),
    });
    client.socket.write(MODEL + FILE);
    client.socket.write(file);
    await refusing.closed;
    // The rest comes once another key has it.
    client.socket.write(rest);
    await client.untilReceived("{}");
    expect(headOf(client.text).lines).toContain("x-keycycle-key: key-2");
    expect(refusing.heads).toHaveLength(1);
    const [request] = serving.requests;
    const sent = Buffer.concat([Buffer.from(MODEL + FILE), file, rest]);
    expect(request?.body.equals(sent)).toBe(true);
  });
});

describe("a form", () => {
  test("whose model stands behind its file reaches the upstream as it was sent", async () => {
    await using it = await stage([{ secret: "sk-a", serves: ["whisper-1"] }]);
    const file = randomBytes(3_276_800);
    const sent = Buffer.concat([Buffer.from(FILE), file, Buffer.from(`\r\n${MODEL}--b--\r\n`)]);
    for (const body of [sent, new Blob([sent]).stream()]) {
      const arrived = it.simulator.nextRequest();
      const url = `${it.proxy.url}/v1/audio/transcriptions`;
      const response = await fetch(url, { method: "POST", headers: FORM, body });
      expect(response.status).toBe(200);
      expect(Buffer.from((await arrived).body).equals(sent)).toBe(true);
    }
  });

  test("of OpenAI's SDK with a file of 20 MB is retried whole with another key", async () => {
    await using it = await stage([
      { secret: "sk-a", fault: { kind: "server-error" }, priority: 0 },
      { secret: "sk-b", priority: 1 },
    ]);
    const client = new OpenAI({ apiKey: "x", baseURL: `${it.proxy.url}/v1`, maxRetries: 0 });
    const file = new File([randomBytes(19_660_800)], "a.mp3");
    await client.audio.transcriptions.create({ file, model: "whisper-1" });
    const [first, second] = it.simulator.requests;
    expect(second?.secret).toBe("sk-b");
    expect(second?.bodyBytes).toBeGreaterThan(19_660_800);
    expect(Buffer.from(second?.body ?? "").equals(Buffer.from(first?.body ?? ""))).toBe(true);
  });

  test("that has its model again behind the file is refused, and no upstream gets it whole", async () => {
    await using upstream = await EarlyUpstream.start(() => {});
    await using it = await proxyOf([upstream.url]);
    const again = `\r\n${MODEL.replace("whisper-1", "dear")}--b--\r\n`;
    const size = 2_000_000;
    const client = await RawClient.connect(it.proxy.url);
    const length = String(MODEL.length + FILE.length + size + again.length);
    client.send("POST /v1/audio/transcriptions", { ...FORM, "content-length": length });
    client.socket.write(MODEL + FILE);
    client.socket.write(Buffer.alloc(size));
    client.socket.write(again);
    await client.untilReceived("\r\n\r\n{");
    expect(headOf(client.text).status).toBe(400);
    expect(client.text).toContain("twice");
    await upstream.closed;
    expect(upstream.bodyBytes).toBeLessThan(Number(length));
    const line = await it.proxy.logged(({ event }) => event === "request");
    expect(line).toMatchObject({ status: 400, error: "invalid_form" });
  });

  test("of a file that names no model is sent on while it arrives", async () => {
    await using upstream = await EarlyUpstream.start(() => {});
    await using it = await proxyOf([upstream.url]);
    const client = await RawClient.connect(it.proxy.url);
    client.send("POST /v1/files", { ...FORM, "content-length": "50000000" });
    client.socket.write(FILE);
    client.socket.write(Buffer.alloc(1_000_000));
    const arrived = Promise.withResolvers<void>();
    upstream.server.on("connection", (socket) => {
      socket.on("data", () => {
        if (upstream.bodyBytes >= FILE.length + 1_000_000) arrived.resolve();
      });
    });
    await arrived.promise;
    client.socket.destroy();
    await upstream.closed;
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({ status: 499 });
  });
});

describe("a slow upload", () => {
  test("is no slow upstream: only the time counts in which nothing more of it is taken", async () => {
    await using upstream = await RawUpstream.start(({ target, socket }) => {
      if (target !== "/v1/clock") socket.write(OK);
    });
    const rotation = { maxAttempts: 1, timeouts: { firstByte: "300ms" } };
    await using it = await proxyOf([upstream.url], { rotation });
    const client = await RawClient.connect(it.proxy.url);
    client.send("POST /v1/uploads/u-1/parts", { ...PLAIN, "content-length": "8000000" });
    for (let part = 0; part < 4; part += 1) {
      client.socket.write(Buffer.alloc(2_000_000, String(part)));
      // Longer than the limit passes by the proxy's own clock.
      expect((await fetch(`${it.proxy.url}/v1/clock`)).status).toBe(504);
    }
    await client.untilReceived("{}");
    const request = upstream.requests.find(({ target }) => target === "/v1/uploads/u-1/parts");
    expect(request?.body.toString()).toBe(
      ["0", "1", "2", "3"].map((part) => part.repeat(2_000_000)).join(""),
    );
  });

  test("that stops is a 408, at the client's expense alone", async () => {
    await using upstream = await EarlyUpstream.start(() => {});
    const config = { server: { readTimeout: "300ms" }, log: { level: "debug" } };
    await using it = await proxyOf([upstream.url], config);
    const client = await RawClient.connect(it.proxy.url);
    client.send("POST /v1/uploads/u-1/parts", { ...PLAIN, "content-length": "8000000" });
    client.socket.write(Buffer.alloc(2_000_000));
    await client.untilReceived("server.readTimeout");
    expect(headOf(client.text).status).toBe(408);
    await upstream.closed;
    expect(await it.proxy.logged(({ event }) => event === "attempt")).toMatchObject({
      outcome: "abandoned",
    });
  });
});

test("what is held of all bodies together is bounded: one more is told to come again", async () => {
  const arrived = Promise.withResolvers<void>();
  await using upstream = await RawUpstream.start(({ socket }) => {
    if (upstream.requests.length > 1) socket.write(OK);
    else arrived.resolve();
  });
  await using it = await proxyOf([upstream.url], { server: { maxHeld: "1MB" } });
  const chat = JSON.stringify({ ...CHAT, user: "u".repeat(700_000) });
  const first = await RawClient.connect(it.proxy.url);
  first.send("POST /v1/chat/completions", { "content-type": "application/json" }, chat);
  await arrived.promise;

  const refused = await it.proxy.post("/v1/chat/completions", chat);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await refused.text()).toContain("server.maxHeld");
  expect((await it.proxy.post("/v1/chat/completions", CHAT)).status).toBe(200);

  first.socket.destroy();
  await it.proxy.logged(({ event, status }) => event === "request" && status === 499);
  expect((await it.proxy.post("/v1/chat/completions", chat)).status).toBe(200);
});

describe("a request's content coding", () => {
  const large = JSON.stringify({ ...CHAT, user: [...randomBytes(65_536)].join() });

  test.each(["gzip", "x-gzip"])("%s stays, and the model is found within", async (coding) => {
    await using it = await stage([{ secret: "sk-a", serves: ["gpt-4o-mini"] }]);
    for (const body of [gzipSync(JSON.stringify(CHAT)), gzipSync(large)]) {
      const arrived = it.simulator.nextArrival();
      const headers = { "content-type": "application/json", "content-encoding": coding };
      await fetch(`${it.proxy.url}/v1/chat/completions`, { method: "POST", headers, body });
      expect(Buffer.from((await arrived).body).equals(body)).toBe(true);
    }
  });

  test("that is not known, or broken, is told", async () => {
    await using it = await stage([{ secret: "sk-a" }]);
    for (const [coding, body] of [
      ["compress", "x"],
      ["gzip", "{}"],
    ] as const) {
      const answer = await it.proxy.post("/v1/chat/completions", body, { "content-encoding": coding });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain("content-encoding");
    }
  });
});

test("Expect: 100-continue is answered, and is not the upstream's", async () => {
  await using upstream = await RawUpstream.start(({ socket }) => void socket.write(OK));
  await using it = await proxyOf([upstream.url]);
  const client = await RawClient.connect(it.proxy.url);
  client.send("POST /v1/files", { ...FORM, "content-length": "500000", expect: "100-continue" });
  await client.untilReceived("HTTP/1.1 100 Continue\r\n\r\n");
  client.socket.write(Buffer.alloc(500_000, "a"));
  await client.untilReceived("{}");
  expect(upstream.requests[0]?.header("expect")).toBeUndefined();
  expect(upstream.requests[0]?.body).toHaveLength(500_000);
});
