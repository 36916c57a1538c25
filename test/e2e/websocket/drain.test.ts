import { expect, test } from "bun:test";

import { open, refused } from "./peer.ts";
import { PLAIN_PATH, session, socketStage } from "./socket-stage.ts";

test("a signal to stop lets sessions go on, and the program ends with the last of them", async () => {
  await using it = await socketStage({ server: { drainTimeout: "60s" } });
  const { client, upstream } = await session(it, () => open(it.proxy, PLAIN_PATH));
  it.proxy.process.kill("SIGTERM");
  await it.proxy.until(() =>
    it.proxy.output.includes("1 under way may finish within 60 s") ? true : undefined,
  );
  client.socket.send("still here?");
  upstream.socket.send((await upstream.next()).data);
  expect(await client.text()).toBe("still here?");
  client.socket.close(1000, "done");
  expect(await upstream.ended).toEqual({ code: 1000, reason: "done" });
  expect(await it.proxy.process.exited).toBe(0);
});

test("what is still open after drainTimeout is closed with 1001, on both sides", async () => {
  await using it = await socketStage({ server: { drainTimeout: "200ms" } });
  const { client, upstream } = await session(it, () => open(it.proxy, PLAIN_PATH));
  const early = await open(it.proxy, "/v1/responses");
  it.proxy.process.kill("SIGTERM");
  expect((await client.ended).code).toBe(1001);
  expect(await upstream.ended).toEqual({ code: 1001, reason: "KeyCycle is shutting down" });
  expect((await early.ended).code).toBe(1001);
  expect(await it.proxy.process.exited).toBe(0);
  expect(it.proxy.log.filter(({ event }) => event === "request")).toMatchObject([
    { status: 499, error: "KeyCycle shut down" },
    { status: 101, closeCode: 1001, endedBy: "keycycle", error: "KeyCycle shut down" },
  ]);
});

test("a reload leaves sessions alone, though client and key are gone for new ones", async () => {
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  await using it = await socketStage((url) => ({
    clients: [{ token: "kc-old-0000" }, { token: "kc-new-0000" }],
    apiKeys: ["old", "new"].map((name) => ({ name, key: `sk-${name}-0000`, url, provider: "openai" })),
  }));
  const { client, upstream } = await session(it, () => open(it.proxy, PLAIN_PATH, as("kc-old-0000")));
  const config = JSON.parse(await Bun.file(it.proxy.configPath).text());
  config.clients.shift();
  config.apiKeys.shift();
  await Bun.write(it.proxy.configPath, JSON.stringify(config));
  await it.proxy.logged(({ message }) => message === "The configuration was reloaded");
  expect(await refused(it.proxy, PLAIN_PATH, as("kc-old-0000"))).toMatchObject({ status: 401 });
  client.socket.send("hello");
  expect(await upstream.text()).toBe("hello");
  const next = await open(it.proxy, PLAIN_PATH, as("kc-new-0000"));
  expect(next.headers["x-keycycle-key"]).toBe("new");
});
