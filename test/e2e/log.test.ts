import { expect, test } from "bun:test";

import { BINARY } from "./binary.ts";
import { Folder } from "./folder.ts";
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

test("whoever reads the lines of JSON finds nothing else: the banner goes to standard error", async () => {
  using folder = new Folder({
    "keycycle.yaml": "apiKeys: [{ key: sk-a, url: http://127.0.0.1:9 }]\nserver: { port: 0 }\n",
  });
  const serving = Bun.spawn([BINARY, "serve"], {
    cwd: folder.path,
    env: { PATH: process.env["PATH"], HOME: folder.path },
    stdout: "pipe",
    stderr: "pipe",
  });
  let banner = "";
  for await (const chunk of serving.stderr) {
    banner += Buffer.from(chunk).toString();
    if (banner.includes("127.0.0.1:9 ")) break;
  }
  const url = /http:\S+/.exec(banner)?.[0];
  const answer = await fetch(`${url}/v1/chat/completions`, { method: "POST", body: JSON.stringify(CHAT) });
  expect(answer.status).toBe(502);
  serving.kill();
  const lines = (await new Response(serving.stdout).text()).split("\n").filter((line) => line !== "");
  expect(lines.map((line) => JSON.parse(line).event)).toContain("request");
});
