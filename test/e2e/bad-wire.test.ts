import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { CHAT, stage, type Stage } from "./harness.ts";
import { request, sendRaw } from "./raw.ts";

/** What no HTTP library sends: one proxy for all, which must serve on after each. */
let it: Stage;
beforeAll(async () => {
  it = await stage([{ secret: "sk-1" }]);
});
afterAll(async () => await it[Symbol.asyncDispose]());

const BODY = JSON.stringify(CHAT);
const POST = "POST /v1/chat/completions HTTP/1.1";
const JSON_HEADERS = { Host: "localhost", "Content-Type": "application/json" };

/** The paths that the upstream was asked for meanwhile. */
async function sent(...chunks: readonly (string | Uint8Array)[]) {
  const before = it.simulator.requests.length;
  const answer = await sendRaw(it.proxy.url, ...chunks);
  const paths = it.simulator.requests.slice(before).map(({ path }) => path);
  expect((await it.proxy.post("/v1/chat/completions", CHAT)).status).toBe(200);
  return { ...answer, paths };
}

describe("lengths that could be read in two ways are refused before any upstream sees them:", () => {
  test.each([
    {
      is: "content-length and chunked",
      framing: { "Content-Length": "5", "Transfer-Encoding": "chunked" },
      body: "0\r\n\r\nG",
    },
    { is: "two lengths", framing: { "Content-Length": "5\r\nContent-Length: 6" }, body: "{}   G" },
    { is: "a list of lengths", framing: { "Content-Length": "75, 75" }, body: BODY },
    { is: "a negative length", framing: { "Content-Length": "-1" }, body: BODY },
    { is: "a length with a sign", framing: { "Content-Length": `+${BODY.length}` }, body: BODY },
    { is: "a length in hex", framing: { "Content-Length": "0x10" }, body: BODY },
    {
      is: "chunked and identity",
      framing: { "Transfer-Encoding": "chunked\r\nTransfer-Encoding: identity" },
      body: "0\r\n\r\n",
    },
    { is: "an unknown coding", framing: { "Transfer-Encoding": "xchunked" }, body: "0\r\n\r\n" },
    { is: "a space before the colon", framing: { "Transfer-Encoding ": "chunked" }, body: "0\r\n\r\n" },
    { is: "a folded header", framing: { "X-Fold": "a\r\n Transfer-Encoding: chunked" }, body: "0\r\n\r\n" },
    {
      is: "a chunk size that is no number",
      framing: { "Transfer-Encoding": "chunked" },
      body: "zz\r\n{}\r\n0\r\n\r\n",
    },
    {
      is: "a chunk size that overflows",
      framing: { "Transfer-Encoding": "chunked" },
      body: "ffffffffffffffffff\r\n{}\r\n",
    },
    {
      is: "chunks with bare line feeds",
      framing: { "Transfer-Encoding": "chunked" },
      body: `4b\n${BODY}\n0\n\n`,
    },
  ])("$is", async ({ framing, body }) => {
    const answer = await sent(request(POST, { ...JSON_HEADERS, ...framing }, body));
    expect(answer).toMatchObject({ status: 400, paths: [] });
  });
});

describe("what is no HTTP is answered or closed, and the server goes on:", () => {
  test.each([
    {
      is: "bytes at random",
      bytes: new Uint8Array(300).map((_, index) => (index * 37 + 11) % 256),
      status: 400,
    },
    { is: "a TLS hello", bytes: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", status: 400 },
    { is: "HTTP/2 without TLS", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: 400 },
    {
      is: "a version that does not exist",
      bytes: request("GET / HTTP/9.9", { Host: "localhost" }),
      status: 505,
    },
    { is: "no Host", bytes: request(POST, { "Content-Length": "2" }, "{}"), status: 400 },
    {
      is: "NUL in a header",
      bytes: request("GET /v1/models HTTP/1.1", { Host: "localhost", "X-A": "a\0b" }),
      status: 400,
    },
    {
      is: "a target that is no path",
      bytes: request("GET v1/models HTTP/1.1", { Host: "localhost" }),
      status: 400,
    },
  ])("$is", async ({ bytes, status }) => {
    expect(await sent(bytes)).toMatchObject({ status, paths: [] });
  });

  test.each([
    { is: "one header of 200 kB", headers: { "X-Bomb": "a".repeat(200_000) } },
    {
      is: "2,000 headers",
      headers: Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`x-${n}`, "a"])),
    },
  ])("$is: 431", async ({ headers }) => {
    const answer = await sent(request("GET /v1/models HTTP/1.1", { Host: "localhost", ...headers }));
    expect(answer).toMatchObject({ status: 431, paths: [] });
  });

  test("CONNECT is refused and blamed on no key", async () => {
    const answer = await sent(request("CONNECT 127.0.0.1:443 HTTP/1.1", { Host: "localhost" }));
    expect(answer.paths).toEqual([]);
    expect([400, 405, 501]).toContain(answer.status);
    expect(it.proxy.output).not.toContain("ERR_INVALID_URL");
  });
});

describe("no target leaves the upstream's base URL:", () => {
  test.each([
    { target: "/v1/%2e%2e%2fadmin" },
    { target: "/v1/..%2fadmin" },
    { target: "/v1/..%5cadmin" },
    { target: "/v1/%2E%2E%5Cadmin" },
    { target: "/v1/x%2f..%2f..%2fadmin" },
  ])("$target is refused", async ({ target }) => {
    const answer = await sent(request(`GET ${target} HTTP/1.1`, { Host: "localhost" }));
    expect(answer).toMatchObject({ status: 400, paths: [] });
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "invalid_path" } });
  });

  test.each([
    { target: "http://evil.example/v1/models" },
    { target: "https://evil.example/v1/models" },
    { target: "//evil.example/v1/models" },
    { target: "///evil.example/v1/models" },
    { target: "/@evil.example/v1/models" },
    { target: "/\\evil.example/v1/models" },
    { target: "/v1/../../evil.example/v1/models" },
  ])("$target reaches the configured upstream or nobody", async ({ target }) => {
    const answer = await sent(request(`GET ${target} HTTP/1.1`, { Host: "localhost" }));
    expect([200, 400, 404]).toContain(answer.status);
    for (const path of answer.paths) expect(path).toStartWith("/");
  });

  test("a base URL with a path keeps it in front of whatever comes", async () => {
    await using based = await stage([{ secret: "sk-1", url: `${it.simulator.url}/base/v1` }]);
    for (const target of ["/v1/../x", "/v1/%2e%2e/x", "//x", "/v1/./../../x", "http://evil.example/x"]) {
      const before = it.simulator.requests.length;
      await sendRaw(based.proxy.url, request(`GET ${target} HTTP/1.1`, { Host: "localhost" }));
      for (const { path } of it.simulator.requests.slice(before)) expect(path).toStartWith("/base/v1/");
    }
  });
});
