import { describe, expect, test } from "bun:test";
import { brotliCompressSync } from "node:zlib";

import { CHAT, stage } from "./harness.ts";
import { headOf, RawClient } from "./raw-client.ts";
import { chunkOf, LAST_CHUNK, type RawRequest, rawStage } from "./raw-upstream.ts";

const TEXT = Buffer.from(JSON.stringify({ id: "x", text: "compressible ".repeat(50_000) }));
const NOISE = crypto.getRandomValues(Buffer.alloc(300_000));

/** Writes an answer of known length. */
function answer({ socket }: RawRequest, head: string, body: Uint8Array = Buffer.alloc(0)): void {
  socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n`);
  socket.write(body);
}

/** Writes an answer in chunks of 64 KiB. */
function answerChunked({ socket }: RawRequest, head: string, body: Uint8Array): void {
  socket.write(`${head}\r\ntransfer-encoding: chunked\r\n\r\n`);
  for (let at = 0; at < body.length; at += 65_536) {
    const part = body.subarray(at, at + 65_536);
    socket.write(`${part.length.toString(16)}\r\n`);
    socket.write(part);
    socket.write("\r\n");
  }
  socket.write(LAST_CHUNK);
}

describe.each([
  { framing: "a known length", write: answer },
  { framing: "chunks", write: answerChunked },
])("a body of $framing is relayed byte for byte:", ({ write }) => {
  test.each([
    { is: "gzip", encoding: "gzip", body: Bun.gzipSync(TEXT) },
    { is: "brotli", encoding: "br", body: brotliCompressSync(TEXT) },
    { is: "zstd", encoding: "zstd", body: Bun.zstdCompressSync(TEXT) },
    { is: "what is called gzip and is not", encoding: "gzip", body: Buffer.from("not gzip at all") },
    { is: "audio", encoding: undefined, body: NOISE },
    { is: "one byte", encoding: undefined, body: Buffer.from([0]) },
    { is: "nothing", encoding: undefined, body: Buffer.alloc(0) },
  ])("$is", async ({ encoding, body }) => {
    const field = encoding === undefined ? "" : `\r\ncontent-encoding: ${encoding}`;
    await using it = await rawStage((request) =>
      write(request, `HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg${field}`, body),
    );
    const response = await fetch(`${it.proxy.url}/v1/audio/speech`, {
      method: "POST",
      headers: { "content-type": "application/json", "accept-encoding": "gzip, br, zstd" },
      body: JSON.stringify({ model: "tts-1", input: "x" }),
      decompress: false,
    });
    expect(response.headers.get("content-encoding")).toBe(encoding ?? null);
    expect(response.headers.get("content-type")).toBe("audio/mpeg");
    expect(Bun.SHA256.hash(await response.arrayBuffer(), "hex")).toBe(Bun.SHA256.hash(body, "hex"));
    expect(it.upstream.requests[0]!.header("accept-encoding")).toBe("gzip, br, zstd");
  });
});

test("speech of the simulator is relayed byte for byte", async () => {
  await using it = await stage([{ secret: "sk-a" }]);
  const body = JSON.stringify({ model: "tts-1", input: "Hi", voice: "alloy" });
  const init = { method: "POST", headers: { "content-type": "application/json" }, body };
  const direct = await fetch(`${it.simulator.url}/v1/audio/speech`, {
    ...init,
    headers: { ...init.headers, authorization: "Bearer sk-a" },
  });
  const relayed = await fetch(`${it.proxy.url}/v1/audio/speech`, init);
  expect(relayed.headers.get("content-type")).toBe("audio/mpeg");
  expect(Buffer.from(await relayed.arrayBuffer())).toEqual(Buffer.from(await direct.arrayBuffer()));
});

/** What the client sees of one answer, to the byte. */
async function seen(upstreamAnswer: string, line = "POST /v1/chat/completions") {
  const it = await rawStage(({ socket }) => {
    socket.write(upstreamAnswer);
  });
  const client = await RawClient.connect(it.proxy.url);
  const hasBody = line.startsWith("POST");
  client.send(
    line,
    hasBody ? { "content-type": "application/json", connection: "close" } : { connection: "close" },
    hasBody ? JSON.stringify(CHAT) : "",
  );
  await client.closed;
  await it[Symbol.asyncDispose]();
  const { status, lines } = headOf(client.text);
  const named = (name: string) =>
    lines
      .filter((each) => each.startsWith(`${name}:`))
      .map((each) => each.slice(each.indexOf(":") + 1).trim());
  return { status, named, text: client.text, body: client.text.slice(client.text.indexOf("\r\n\r\n") + 4) };
}

describe("the headers of an answer", () => {
  test.each([
    { is: "of known length", rest: "content-length: 5\r\n\r\nhello" },
    { is: "of no bytes", rest: "content-length: 0\r\n\r\n" },
    { is: "in chunks", rest: `transfer-encoding: chunked\r\n\r\n${chunkOf("hello")}${LAST_CHUNK}` },
    {
      is: "of large known length",
      rest: `content-length: 300000\r\n\r\n${"x".repeat(300_000)}`,
    },
  ])("get no content type where an answer $is has none", async ({ rest }) => {
    const { status, named } = await seen(`HTTP/1.1 200 OK\r\nx-own: 1\r\n${rest}`);
    expect(status).toBe(200);
    expect(named("x-own")).toEqual(["1"]);
    expect(named("content-type")).toEqual([]);
  });

  test.each([{ length: 5 }, { length: 200_000 }])("keep a content length of $length", async ({ length }) => {
    const head = `HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: ${length}\r\n\r\n`;
    const { named, body } = await seen(head + "x".repeat(length));
    expect(named("content-length")).toEqual([String(length)]);
    expect(named("transfer-encoding")).toEqual([]);
    expect(body).toHaveLength(length);
  });

  test("keep each of many cookies, and a repeated field", async () => {
    const { named } = await seen(
      "HTTP/1.1 200 OK\r\nset-cookie: a=1; Path=/\r\nset-cookie: b=2, c\r\nx-many: 1\r\nx-many: 2\r\ncontent-length: 0\r\n\r\n",
    );
    expect(named("set-cookie")).toEqual(["a=1; Path=/", "b=2, c"]);
    expect(named("x-many").join(", ")).toBe("1, 2");
  });

  test("lose the hop-by-hop fields, those that connection names included", async () => {
    const { named } = await seen(
      "HTTP/1.1 200 OK\r\nconnection: close, X-Private\r\nx-private: 1\r\nkeep-alive: timeout=7\r\nproxy-authenticate: Basic\r\n" +
        "proxy-connection: x\r\ntrailer: x-sum\r\nupgrade: h2c\r\nx-kept: 1\r\ncontent-length: 0\r\n\r\n",
    );
    expect(named("x-kept")).toEqual(["1"]);
    for (const name of ["x-private", "proxy-authenticate", "proxy-connection", "trailer", "upgrade"]) {
      expect(named(name), name).toEqual([]);
    }
    expect(named("keep-alive")).not.toContain("timeout=7");
  });
});

describe("a status", () => {
  test.each([
    { line: "204 No Content", rest: "" },
    { line: "304 Not Modified", rest: 'etag: "x"\r\n' },
  ])("$line is relayed without a body", async ({ line, rest }) => {
    const { status, body, named } = await seen(
      `HTTP/1.1 ${line}\r\n${rest}\r\n`,
      "GET /v1/files/f-1/content",
    );
    expect(status).toBe(Number(line.slice(0, 3)));
    expect(body).toBe("");
    expect(named("transfer-encoding")).toEqual([]);
    if (rest !== "") expect(named("etag")).toEqual(['"x"']);
  });

  test.each([301, 302, 303, 307, 308])("%d is relayed, not followed", async (code) => {
    const { status, named, body } = await seen(
      `HTTP/1.1 ${code} Elsewhere\r\nlocation: http://127.0.0.1:1/x\r\ncontent-length: 4\r\n\r\ngone`,
    );
    expect(status).toBe(code);
    expect(named("location")).toEqual(["http://127.0.0.1:1/x"]);
    expect(body).toBe("gone");
  });

  test("529 is kept, with its body, where no other key can serve", async () => {
    const error = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
    const { status, body } = await seen(
      `HTTP/1.1 529 Overloaded\r\ncontent-type: application/json\r\ncontent-length: ${error.length}\r\n\r\n${error}`,
      "POST /v1/messages",
    );
    expect(status).toBe(529);
    expect(body).toBe(error);
  });

  test.each(["418 I'm a teapot", "201 Made", "599 Odd"])("%s keeps its code", async (line) => {
    const { status } = await seen(`HTTP/1.1 ${line}\r\ncontent-length: 2\r\n\r\nok`);
    expect(status).toBe(Number(line.slice(0, 3)));
  });

  test("an interim 103 before it does not take its place", async () => {
    const { text } = await seen(
      "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok",
    );
    expect(text).toContain("HTTP/1.1 200 OK");
    expect(text).toEndWith("\r\n\r\nok");
  });
});

test("HEAD gets the headers, the length included, and no body", async () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 1234\r\n\r\n";
  const { status, named, body } = await seen(head, "HEAD /v1/files/f-1/content");
  expect(status).toBe(200);
  expect(named("content-type")).toEqual(["audio/mpeg"]);
  expect(named("content-length")).toEqual(["1234"]);
  expect(body).toBe("");
});

describe("a request", () => {
  test.each(["PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE"])(
    "by %s is relayed",
    async (method) => {
      await using it = await rawStage((request) => answer(request, "HTTP/1.1 200 OK"));
      const client = await RawClient.connect(it.proxy.url);
      const sends = method === "PUT" || method === "PATCH" ? '{"metadata":{}}' : "";
      client.send(`${method} /v1/files/f-1?x=%20y`, { "content-type": "application/json" }, sends);
      await client.untilReceived("\r\n\r\n");
      expect(headOf(client.text).status).toBe(200);
      expect(it.upstream.requests[0]).toMatchObject({ method, target: "/v1/files/f-1?x=%20y" });
      expect(it.upstream.requests[0]!.body.toString()).toBe(sends);
    },
  );

  test("loses its hop-by-hop fields, those that connection names included", async () => {
    await using it = await rawStage((request) => answer(request, "HTTP/1.1 200 OK"));
    const client = await RawClient.connect(it.proxy.url);
    client.send("GET /v1/files", {
      connection: "keep-alive, X-Private",
      "x-private": "1",
      "keep-alive": "timeout=9",
      te: "trailers",
      trailer: "x-sum",
      "proxy-authorization": "Basic eDp5",
      "proxy-connection": "keep-alive",
      upgrade: "h2c",
      "x-kept": "1",
    });
    await client.untilReceived("\r\n\r\n");
    const [request] = it.upstream.requests;
    expect(request!.header("x-kept")).toBe("1");
    const dropped = ["x-private", "keep-alive", "te", "trailer", "proxy-authorization", "proxy-connection"];
    for (const name of [...dropped, "upgrade"]) expect(request!.header(name), name).toBeUndefined();
    expect(request!.header("connection") ?? "keep-alive").toBe("keep-alive");
    expect(request!.header("host")).toBe(new URL(it.upstream.url).host);
  });

  test("in chunks reaches the upstream whole", async () => {
    await using it = await rawStage((request) => answer(request, "HTTP/1.1 200 OK"));
    const json = JSON.stringify(CHAT);
    const client = await RawClient.connect(it.proxy.url);
    client.send("POST /v1/chat/completions", {
      "content-type": "application/json",
      "transfer-encoding": "chunked",
    });
    client.socket.write(chunkOf(json.slice(0, 20)));
    client.socket.write(chunkOf(json.slice(20)) + LAST_CHUNK);
    await client.untilReceived("\r\n\r\n");
    expect(it.upstream.requests[0]!.body.toString()).toBe(json);
    expect(it.upstream.requests[0]!.lines.join()).not.toContain("chunked");
  });
});
