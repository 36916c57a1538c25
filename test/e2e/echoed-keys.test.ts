import { expect, test } from "bun:test";
import { brotliCompressSync, deflateRawSync, gzipSync } from "node:zlib";

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
  [
    "deflate without its zlib format",
    send("400 Bad\r\ncontent-type: application/json\r\ncontent-encoding: deflate", deflateRawSync(ERROR)),
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

test("the other cookies and all other headers stay as they were", async () => {
  const head = `200 OK\r\ncontent-type: application/json\r\nset-cookie: a=1; Path=/\r\nset-cookie: b=${SECRET}\r\nset-cookie: c=3, d\r\nx-many: 1\r\nx-many: ${SECRET}`;
  await using it = await rawStage(send(head, "{}"), (url) => ({
    apiKeys: [{ name: "raw", key: SECRET, url }],
  }));
  const { headers } = await it.proxy.post("/v1/chat/completions", CHAT);
  const stars = "*".repeat(SECRET.length);
  expect(headers.getSetCookie()).toEqual(["a=1; Path=/", `b=${stars}`, "c=3, d"]);
  expect(headers.get("x-many")).toBe(`1, ${stars}`);
  expect(headers.get("content-type")).toBe("application/json");
});

test.each(["json", "e", "none"])(
  "a word in place of a key, such as %s, is left where it stands",
  async (word) => {
    const error = JSON.stringify({ error: { message: "none of json e" } });
    await using it = await rawStage(send("400 Bad\r\ncontent-type: application/json", error), (url) => ({
      apiKeys: [{ name: "raw", key: word, url }],
    }));
    const response = await it.proxy.post("/v1/chat/completions", CHAT);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe(error);
  },
);

test("a key is found in an error whose coding is not what its header says", async () => {
  const answer = send("400 Bad\r\ncontent-type: text/plain\r\ncontent-encoding: gzip", ERROR);
  await using it = await rawStage(answer, (url) => ({ apiKeys: [{ name: "raw", key: SECRET, url }] }));
  const response = await fetch(`${it.proxy.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify(CHAT),
    decompress: false,
  });
  expect(await response.text()).toBe(ERROR.replace(SECRET, "*".repeat(SECRET.length)));
});
