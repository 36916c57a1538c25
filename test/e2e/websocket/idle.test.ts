import { expect, test } from "bun:test";

import { open } from "./peer.ts";
import { PLAIN_PATH, session, socketStage } from "./socket-stage.ts";

const QUICK = { rotation: { timeouts: { idle: "400ms" } } };

test("an upstream that has nothing to say stays, as long as it answers pings", async () => {
  await using it = await socketStage(QUICK);
  const { client, upstream } = await session(it, () => open(it.proxy, PLAIN_PATH));
  upstream.socket.on("ping", (data) => upstream.socket.pong(data));
  await upstream.until(() => upstream.pings.length === 4);
  upstream.socket.send("still here");
  expect(await client.text()).toBe("still here");
});

test("an upstream that does not even answer pings is broken off, and the client told", async () => {
  await using it = await socketStage(QUICK);
  const { client, upstream } = await session(it, () => open(it.proxy, PLAIN_PATH));
  expect(await client.ended).toEqual({ code: 1011, reason: "the upstream fell silent" });
  expect((await upstream.ended).code).toBe(1006);
  expect(upstream.pings).toHaveLength(1);
  expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({
    status: 101,
    error: "the upstream fell silent",
  });
});
