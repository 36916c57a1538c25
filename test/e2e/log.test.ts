import { expect, test } from "bun:test";

import { CHAT, stage } from "./harness.ts";

const TWO_KEYS = [{ secret: "sk-a" }, { secret: "sk-b" }];

test("log.level debug tells each attempt, with the id of its request", async () => {
  await using it = await stage(TWO_KEYS, { config: { log: { level: "debug" } } });
  it.simulator.setFault("sk-a", { kind: "limited" });
  await it.proxy.post("/v1/chat/completions", CHAT, { "x-request-id": "req-1" });
  await it.proxy.logged(({ event }) => event === "request");
  expect(it.proxy.log.filter(({ event }) => event === "attempt")).toMatchObject([
    { level: "debug", id: "req-1", key: "key-1", outcome: "limited", status: 429 },
    { level: "debug", id: "req-1", key: "key-2", outcome: "served", status: 200 },
  ]);
});

test("log.level info leaves attempts out", async () => {
  await using it = await stage([{ secret: "sk-a" }]);
  await it.proxy.post("/v1/chat/completions", CHAT);
  await it.proxy.logged(({ event }) => event === "request");
  expect(it.proxy.log.filter(({ event }) => event === "attempt")).toEqual([]);
});
