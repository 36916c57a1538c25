import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";

import { open, type Peer } from "./peer.ts";
import { PLAIN_PATH, session, socketStage } from "./socket-stage.ts";

const MB = 1024 * 1024;

async function plain() {
  const it = await socketStage();
  return { it, ...(await session(it, () => open(it.proxy, PLAIN_PATH))) };
}

describe("messages reach the other side whole, as they were, and in order", () => {
  const messages: readonly (readonly [string, string | Buffer])[] = [
    ["text", '{"type":"response.create"}'],
    ["text beyond ASCII", "grüße, 你好, 👋🏽\u0000\u2028"],
    ["empty text", ""],
    ["bytes", randomBytes(1_000)],
    ["no bytes at all", Buffer.alloc(0)],
    ["a length of two bytes", randomBytes(65_535)],
    ["a length of eight bytes", randomBytes(65_536)],
    ["many megabytes", randomBytes(30 * MB)],
    ["many megabytes of text", "é".repeat(10 * MB)],
  ];

  test.each(["client to upstream", "upstream to client"] as const)("%s", async (direction) => {
    const { it, client, upstream } = await plain();
    await using _ = it;
    const [from, to] = direction === "client to upstream" ? [client, upstream] : [upstream, client];
    for (const [, message] of messages) from.socket.send(message);
    for (const [name, message] of messages) {
      const { data, isBinary } = await to.next();
      expect([name, isBinary]).toEqual([name, typeof message !== "string"]);
      expect(data.equals(Buffer.from(message))).toBe(true);
    }
  });

  test.each(["client to upstream", "upstream to client"] as const)("in fragments, %s", async (direction) => {
    const { it, client, upstream } = await plain();
    await using _ = it;
    const [from, to] = direction === "client to upstream" ? [client, upstream] : [upstream, client];
    from.socket.send("one ", { fin: false });
    from.socket.ping("between");
    from.socket.send("mess", { fin: false });
    from.socket.send("age", { fin: true });
    expect(await to.text()).toBe("one message");
  });

  test("both ways at once", async () => {
    const { it, client, upstream } = await plain();
    await using _ = it;
    const echo = async () => {
      for (let count = 0; count < 2_000; count += 1) upstream.socket.send((await upstream.next()).data);
    };
    const echoing = echo();
    const sent = Array.from({ length: 2_000 }, (_unused, index) => `${index}:${"x".repeat(index)}`);
    for (const text of sent) client.socket.send(Buffer.from(text));
    for (const text of sent) expect(await client.text()).toBe(text);
    await echoing;
  });
});

describe("the end of one side is the end of the other, with its code and reason", () => {
  const ends: readonly (readonly [string, (peer: Peer) => void, number, string])[] = [
    ["normal", ({ socket }) => socket.close(1000, "done"), 1000, "done"],
    ["without a code", ({ socket }) => socket.close(), 1005, ""],
    ["going away", ({ socket }) => socket.close(1001, ""), 1001, ""],
    ["an error", ({ socket }) => socket.close(1011, "it broke"), 1011, "it broke"],
    ["of the application", ({ socket }) => socket.close(4321, "ünd tschüss"), 4321, "ünd tschüss"],
  ];

  test.each(ends)("ended by the client: %s", async (_name, end, code, reason) => {
    const { it, client, upstream } = await plain();
    await using _ = it;
    end(client);
    expect(await upstream.ended).toEqual({ code, reason });
    expect(await client.ended).toEqual({ code, reason });
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({
      status: 101,
      closeCode: code,
      endedBy: "client",
    });
  });

  test.each(ends)("ended by the upstream: %s", async (_name, end, code, reason) => {
    const { it, client, upstream } = await plain();
    await using _ = it;
    end(upstream);
    expect(await client.ended).toEqual({ code, reason });
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({
      status: 101,
      closeCode: code,
      endedBy: "upstream",
    });
  });

  test("what was said before the end arrives before it", async () => {
    const { it, client, upstream } = await plain();
    await using _ = it;
    for (let count = 0; count < 1_000; count += 1) upstream.socket.send(Buffer.alloc(10_000, count));
    upstream.socket.close(1000, "all said");
    for (let count = 0; count < 1_000; count += 1) expect((await client.next()).data[0]).toBe(count % 256);
    expect(await client.ended).toEqual({ code: 1000, reason: "all said" });
  });

  test("a client that breaks off breaks the upstream's connection off at once", async () => {
    const { it, client, upstream } = await plain();
    await using _ = it;
    client.socket.terminate();
    expect((await upstream.ended).code).toBe(1006);
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({
      closeCode: 1006,
      error: "client went away",
    });
  });

  test("an upstream that breaks off never looks like a clean end", async () => {
    const { it, client, upstream } = await plain();
    await using _ = it;
    upstream.socket.terminate();
    expect(await client.ended).toEqual({ code: 1011, reason: "the upstream broke off" });
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({
      closeCode: 1011,
      error: "the upstream broke off",
    });
  });
});

describe("pings", () => {
  test("of the client are answered at once, and go on to the upstream", async () => {
    const { it, client, upstream } = await plain();
    await using _ = it;
    client.socket.ping("are you there");
    await client.until(() => client.pongs.length > 0);
    await upstream.until(() => upstream.pings.length > 0);
    upstream.socket.pong(Buffer.from("are you there"));
    upstream.socket.send("after");
    expect(await client.text()).toBe("after");
    expect(client.pongs).toEqual(["are you there"]);
    expect(upstream.pings).toEqual(["are you there"]);
  });

  test("of the upstream are answered by the client and nobody else", async () => {
    const { it, client, upstream } = await plain();
    await using _ = it;
    client.socket.pong("nobody asked");
    upstream.socket.ping("client?");
    await upstream.until(() => upstream.pongs.length > 0);
    expect(client.pings).toEqual(["client?"]);
    expect(upstream.pongs).toEqual(["client?"]);
  });
});
