import { expect, test } from "bun:test";
import type { Socket } from "node:net";

import { Flood, MB, residentBytes, TOTAL } from "../flood.ts";
import { RawClient } from "../raw-client.ts";
import { rawStage } from "../raw-upstream.ts";
import { binaryHead, HANDSHAKE, switching } from "./frames.ts";
import { PLAIN_PATH } from "./socket-stage.ts";

/** What a side that does not read may cost. */
const GROWTH = 20 * MB;

/** The binary with a session whose both ends are bare sockets. */
async function rawSession() {
  const accepted = Promise.withResolvers<Socket>();
  const it = await rawStage(({ socket, header }) => {
    socket.write(switching(header("sec-websocket-key") ?? ""));
    socket.removeAllListeners("data");
    accepted.resolve(socket);
  });
  const client = await RawClient.connect(it.proxy.url);
  client.send(`GET ${PLAIN_PATH}`, HANDSHAKE);
  const upstream = await accepted.promise;
  await client.untilReceived("\r\n\r\n");
  client.keep = false;
  return { it, client, upstream };
}

test("a client that does not read holds the upstream back, not in memory", async () => {
  const { it, client, upstream } = await rawSession();
  await using _ = it;
  const before = residentBytes(it.proxy);
  client.socket.pause();
  const flood = new Flood(upstream, "", (part) => [binaryHead(part.length, "server"), part]);
  expect(await flood.growthWhenStalled(it.proxy, before)).toBeLessThan(GROWTH);

  client.socket.resume();
  await flood.done;
  await client.until(() => client.bytes > TOTAL);
});

test("an upstream that does not read holds the client back, not in memory", async () => {
  const { it, client, upstream } = await rawSession();
  await using _ = it;
  let received = 0;
  const all = Promise.withResolvers<void>();
  const before = residentBytes(it.proxy);
  upstream.pause();
  const flood = new Flood(client.socket, "", (part) => [binaryHead(part.length, "client"), part]);
  expect(await flood.growthWhenStalled(it.proxy, before)).toBeLessThan(GROWTH);

  upstream.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (received > TOTAL) all.resolve();
  });
  upstream.resume();
  await flood.done;
  await all.promise;
});

test("pings for an upstream that does not read pile up nowhere", async () => {
  const { it, client, upstream } = await rawSession();
  await using _ = it;
  upstream.pause();
  const before = residentBytes(it.proxy);
  const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)]);
  const pings = Buffer.concat(Array.from({ length: 500 }, () => ping));
  const answered = client.bytes + 500 * 1_000 * (ping.length - 4);
  for (let count = 0; count < 1_000; count += 1) {
    if (client.socket.write(pings)) continue;
    await new Promise((resolve) => client.socket.once("drain", resolve));
  }
  await client.until(() => client.bytes >= answered);
  expect(residentBytes(it.proxy) - before).toBeLessThan(GROWTH);
});
