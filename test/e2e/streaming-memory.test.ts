import { expect, test } from "bun:test";
import { createServer, type AddressInfo, type Socket } from "node:net";

import { Flood, MB, residentBytes, TOTAL } from "./flood.ts";
import { CHAT, Proxy } from "./harness.ts";
import { RawClient } from "./raw-client.ts";
import { LAST_CHUNK, type RawRequest, rawStage } from "./raw-upstream.ts";

const GROWTH = 64 * MB;

const CHUNKED = (part: Buffer) => [`${part.length.toString(16)}\r\n`, part, "\r\n"];
const PLAIN = (part: Buffer) => [part];

test.each([
  { framing: "chunks", field: "transfer-encoding: chunked", frame: CHUNKED, last: LAST_CHUNK },
  { framing: "a known length", field: `content-length: ${TOTAL}`, frame: PLAIN, last: "" },
])("a slow reader of an answer in $framing holds the upstream back, not in memory", async (row) => {
  const begun = Promise.withResolvers<Flood>();
  await using it = await rawStage(({ target, socket }: RawRequest) => {
    if (target !== "/v1/chat/completions") {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      return;
    }
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\n${row.field}\r\n\r\n`);
    begun.resolve(new Flood(socket, row.last, row.frame));
  });
  // What a first request costs once is not what a slow reader costs.
  await it.proxy.post("/v1/embeddings", CHAT);
  const before = residentBytes(it.proxy);

  const client = await RawClient.chat(it.proxy.url, CHAT);
  client.keep = false;
  await client.until(() => client.bytes > MB);
  client.socket.pause();
  const flood = await begun.promise;
  expect(await flood.growthWhenStalled(it.proxy, before)).toBeLessThan(GROWTH);

  client.socket.resume();
  await flood.done;
  await client.until(() => client.bytes > TOTAL);
  expect(residentBytes(it.proxy) - before).toBeLessThan(2 * GROWTH);
  expect(await it.proxy.logged(({ path }) => path === "/v1/chat/completions")).not.toHaveProperty("error");
});

test("an upstream that reads an upload slowly holds the client back, not in memory", async () => {
  const head = Promise.withResolvers<Socket>();
  let received = 0;
  const received200 = Promise.withResolvers<void>();
  const upstream = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (received === chunk.length) return;
      if (received < 2 * MB) return;
      head.resolve(socket);
      if (received < TOTAL) return;
      received200.resolve();
    });
  });
  await new Promise<void>((resolve) => {
    upstream.listen(0, "127.0.0.1", resolve);
  });
  const { port } = upstream.address() as AddressInfo;
  const proxy = await Proxy.start({
    apiKeys: [{ key: "sk-a", url: `http://127.0.0.1:${port}` }],
  });
  try {
    await (await fetch(`${proxy.url}/health`)).text();
    const before = residentBytes(proxy);
    const client = await RawClient.connect(proxy.url);
    client.send("POST /v1/uploads/u-1/parts", {
      "content-type": "application/octet-stream",
      "content-length": String(TOTAL),
    });
    const flood = new Flood(client.socket, "", PLAIN);
    const socket = await head.promise;
    socket.pause();
    expect(await flood.growthWhenStalled(proxy, before)).toBeLessThan(GROWTH);

    socket.resume();
    await received200.promise;
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    await client.untilReceived("\r\n\r\nok");
  } finally {
    proxy.process.kill("SIGKILL");
    await proxy.process.exited;
    upstream.close();
  }
});
