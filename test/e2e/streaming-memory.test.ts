import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";

import { CHAT, Proxy } from "./harness.ts";
import { RawClient } from "./raw-client.ts";
import { LAST_CHUNK, type RawRequest, rawStage } from "./raw-upstream.ts";

const MB = 1024 * 1024;
const TOTAL = 200 * MB;
const PART = Buffer.alloc(64 * 1024, "x");
const GROWTH = 64 * MB;

/** So many answers of the proxy in a row with no progress elsewhere mean that it waits. */
const TURNS = 50;

function residentBytes({ process }: Proxy): number {
  const status = readFileSync(`/proc/${process.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** Writes all that the other side takes, and waits for `drain` whenever it takes no more. */
class Flood {
  written = 0;
  readonly done: Promise<void>;

  /** @param frame  makes of a part what is written */
  constructor(
    readonly socket: Socket,
    readonly last: string,
    readonly frame: (part: Buffer) => readonly (Buffer | string)[],
  ) {
    this.done = new Promise((resolve) => {
      const go = (): void => {
        while (this.written < TOTAL && !socket.destroyed) {
          this.written += PART.length;
          const [full] = this.frame(PART)
            .map((piece) => !socket.write(piece))
            .toReversed();
          if (full === true) {
            socket.once("drain", go);
            return;
          }
        }
        socket.write(this.last, () => resolve());
      };
      go();
    });
  }

  /** Until nothing more has gone out while the proxy answered `TURNS` other requests in a row. */
  async stalled(proxy: Proxy): Promise<void> {
    let seen = -1;
    for (let still = 0; still < TURNS; still += 1) {
      await (await fetch(`${proxy.url}/health`)).text();
      if (this.written === seen) continue;
      seen = this.written;
      still = 0;
    }
  }
}

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
  await flood.stalled(it.proxy);
  const grown = residentBytes(it.proxy) - before;
  console.log(
    `stalled after ${Math.round(flood.written / MB)} MB; resident grew by ${Math.round(grown / MB)} MB`,
  );
  expect(flood.written).toBeLessThan(TOTAL);
  expect(grown).toBeLessThan(GROWTH);

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
    await flood.stalled(proxy);
    const grown = residentBytes(proxy) - before;
    console.log(
      `upload stalled after ${Math.round(flood.written / MB)} MB; resident grew by ${Math.round(grown / MB)} MB`,
    );
    expect(flood.written).toBeLessThan(TOTAL);
    expect(grown).toBeLessThan(GROWTH);

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
