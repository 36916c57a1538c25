import { describe, expect, test } from "bun:test";

import { CHAT } from "./harness.ts";
import { headOf, RawClient } from "./raw-client.ts";
import { chunkOf, eventOf, LAST_CHUNK, rawStage, STREAM_HEAD } from "./raw-upstream.ts";

const GET = "GET /v1/files/f-1/content";

/** As a client sees a download: its head, and its body without the framing. */
function downloadOf(text: string): { status: number; lines: string[]; body: Buffer } {
  const bytes = Buffer.from(text, "latin1");
  let at = bytes.indexOf("\r\n\r\n") + 4;
  const head = headOf(text);
  if (!head.lines.includes("transfer-encoding: chunked")) return { ...head, body: bytes.subarray(at) };
  const parts: Buffer[] = [];
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (!(size > 0)) return { ...head, body: Buffer.concat(parts) };
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

describe("a large download", () => {
  test("loses nothing on its way to a client that stops reading for a while", async () => {
    const file = Buffer.concat(
      Array.from({ length: 300 }, () => Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)))),
    );
    await using it = await rawStage(({ target, socket }) => {
      if (target !== "/v1/files/f-1/content") socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      else {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: ${file.length}\r\n\r\n`);
        socket.write(file);
      }
    });
    const client = await RawClient.connect(it.proxy.url);
    client.send(GET);
    for (let pauses = 1; pauses <= 3; pauses += 1) {
      await client.until(() => client.bytes > pauses * 2_000_000);
      client.socket.pause();
      await fetch(`${it.proxy.url}/v1/models`);
      client.socket.resume();
    }
    await client.until((text) => text.endsWith(LAST_CHUNK));
    expect(downloadOf(client.text).body.equals(file)).toBe(true);
    expect(await it.proxy.logged(({ path }) => path === "/v1/files/f-1/content")).not.toHaveProperty("error");
  });

  test("can be had in ranges, small and large, and from where it broke off", async () => {
    const size = 1_000_000;
    await using it = await rawStage((request) => {
      const [, from = "", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.header("range") ?? "") ?? [];
      const start = Number(from);
      const end = to === "" ? size - 1 : Number(to);
      if (start >= size) {
        request.socket.write(
          `HTTP/1.1 416 Range Not Satisfiable\r\ncontent-range: bytes */${size}\r\ncontent-length: 0\r\n\r\n`,
        );
        return;
      }
      const head = `HTTP/1.1 206 Partial Content\r\ncontent-type: audio/mpeg\r\netag: "v1"\r\naccept-ranges: bytes\r\n`;
      const fields = `content-range: bytes ${start}-${end}/${size}\r\ncontent-length: ${end - start + 1}\r\n\r\n`;
      request.socket.write(head + fields + "x".repeat(end - start + 1));
    });
    const asked = async (range: string) => {
      const client = await RawClient.connect(it.proxy.url);
      client.send(GET, { range, "if-range": '"v1"' });
      await client.until((text) => {
        const length = /content-length: (\d+)/i.exec(text)?.[1];
        const end = text.indexOf("\r\n\r\n");
        return length === undefined ? text.endsWith(LAST_CHUNK) : text.length >= end + 4 + Number(length);
      });
      client.socket.destroy();
      return downloadOf(client.text);
    };
    const small = await asked("bytes=10-99");
    expect(small.status).toBe(206);
    expect(small.lines).toContain("content-range: bytes 10-99/1000000");
    expect(small.lines).toContain("content-length: 90");
    expect(small.body).toHaveLength(90);

    const large = await asked("bytes=400000-");
    expect(large.status).toBe(206);
    expect(large.lines).toContain("content-range: bytes 400000-999999/1000000");
    expect(large.lines).toContain('etag: "v1"');
    expect(large.body).toHaveLength(600_000);

    const beyond = await asked("bytes=1000000-");
    expect(beyond.status).toBe(416);
    expect(beyond.lines).toContain("content-range: bytes */1000000");
    expect(it.upstream.requests.map(({ header }) => [header("range"), header("if-range")])).toEqual([
      ["bytes=10-99", '"v1"'],
      ["bytes=400000-", '"v1"'],
      ["bytes=1000000-", '"v1"'],
    ]);
  });

  test("tells its length to HEAD", async () => {
    await using it = await rawStage(({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 2000000000\r\n\r\n");
    });
    const client = await RawClient.connect(it.proxy.url);
    client.send("HEAD /v1/videos/v-1/content");
    await client.untilReceived("\r\n\r\n");
    expect(headOf(client.text).lines).toContain("content-length: 2000000000");
  });
});

test("trailers of an answer are dropped, and the connection serves on", async () => {
  await using it = await rawStage(({ socket }) => {
    socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n`,
    );
    socket.write(`${chunkOf("hello")}0\r\nx-sum: 1\r\nset-cookie: a=b\r\n\r\n`);
  });
  const client = await RawClient.connect(it.proxy.url);
  for (const path of ["/v1/a", "/v1/b"]) {
    client.text = "";
    client.send(`GET ${path}`);
    await client.untilReceived("hello");
    expect(client.text).not.toContain("x-sum");
    expect(client.text).not.toContain("set-cookie");
  }
  expect(it.upstream.requests.map(({ target }) => target)).toEqual(["/v1/a", "/v1/b"]);
});

test("keep-alive comments are signs of life to the limit between two chunks", async () => {
  const tick = Promise.withResolvers<() => void>();
  await using it = await rawStage(
    ({ target, socket }) => {
      if (target === "/v1/clock") return;
      socket.write(STREAM_HEAD + chunkOf(": keep-alive\n\n") + chunkOf(eventOf("one")));
      tick.resolve(() => socket.write(chunkOf(": keep-alive\n\n")));
    },
    () => ({ rotation: { maxAttempts: 1, timeouts: { idle: "600ms", firstByte: "300ms" } } }),
  );
  const client = await RawClient.chat(it.proxy.url, { ...CHAT, stream: true });
  await client.untilReceived("one");
  const comment = await tick.promise;
  // Twice the limit passes by the proxy's own clock.
  for (let ticks = 0; ticks < 4; ticks += 1) {
    expect((await fetch(`${it.proxy.url}/v1/clock`)).status).toBe(504);
    comment();
  }
  await client.until((text) => text.split(": keep-alive").length === 6);
  client.socket.destroy();
  const line = await it.proxy.logged(({ path }) => path === "/v1/chat/completions");
  expect(line).toMatchObject({ error: "client went away" });
});
