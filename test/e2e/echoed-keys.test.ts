import { expect, test } from "bun:test";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { CHAT } from "./harness.ts";
import { marked } from "./marked.ts";
import { chunkOf, LAST_CHUNK, type RawRequest, rawStage } from "./raw-upstream.ts";

const SECRET = marked("echoed");
const ERROR = JSON.stringify({
  error: { message: `Headers were: Bearer ${SECRET}`, type: "invalid_request" },
});
const LARGE = `${"x".repeat(300_000 - SECRET.length / 2)}${SECRET}${"y".repeat(1_000)}`;

const send =
  (head: string, body: string | Buffer) =>
  ({ socket }: RawRequest) => {
    socket.write(`HTTP/1.1 ${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`);
    socket.write(body);
  };

test.each([
  ["gzip", send("400 Bad\r\ncontent-type: application/json\r\ncontent-encoding: gzip", gzipSync(ERROR))],
  [
    "brotli",
    send("403 No\r\ncontent-type: application/json\r\ncontent-encoding: br", brotliCompressSync(ERROR)),
  ],
  ["more than is held", send("400 Bad\r\ncontent-type: text/plain", LARGE)],
  ["JSON under a 200", send("200 OK\r\ncontent-type: application/json", ERROR)],
  [
    "the first event of a stream",
    ({ socket }: RawRequest) => {
      socket.write(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
      );
      socket.write(chunkOf(`data: ${ERROR}\n\n`));
      socket.write(LAST_CHUNK);
    },
  ],
])("a key that an upstream quotes in an error is not the client's to see: in %s", async (_where, answer) => {
  await using it = await rawStage(answer, (url) => ({
    apiKeys: [{ name: "raw", key: SECRET, url }],
    rotation: { maxAttempts: 1 },
  }));
  const response = await it.proxy.post("/v1/chat/completions", CHAT);
  const text = await response.text();
  expect(it.upstream.requests.length).toBeGreaterThan(0);
  expect(text.length).toBeGreaterThan(0);
  expect(text).not.toContain(SECRET);
});

test.each([
  ["a plain answer", send("200 OK\r\ncontent-type: application/json\r\nx-got: Bearer " + SECRET, "{}")],
  [
    "a streamed answer",
    ({ socket }: RawRequest) => {
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-got: Bearer ${SECRET}\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
      socket.write(chunkOf("data: 1\n\n"));
      socket.write(LAST_CHUNK);
    },
  ],
])(
  "a key that an upstream repeats in the headers of %s is not the client's to see",
  async (_which, answer) => {
    await using it = await rawStage(answer, (url) => ({ apiKeys: [{ name: "raw", key: SECRET, url }] }));
    const response = await it.proxy.post("/v1/chat/completions", CHAT);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-got")).toBe(`Bearer ${"*".repeat(SECRET.length)}`);
  },
);
