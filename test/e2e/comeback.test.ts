import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";

import type { SimulatedRequest } from "../../src/demo/simulator.ts";
import { CHAT, Proxy, stage } from "./harness.ts";
import { DIALECTS } from "./providers.ts";

const CHAT_PATH = "/v1/chat/completions";
const SOON = { rotation: { probeAfter: "1ms" } };

const isProbe = ({ method }: SimulatedRequest) => method === "GET";
const isProbeOf = (secret: string) => (request: SimulatedRequest) =>
  isProbe(request) && request.secret === secret;

describe.each(DIALECTS)("a dead key of $provider", ({ provider, send }) => {
  test("comes back without a restart when its provider takes it again", async () => {
    const secret = "sk-dead-aaaa";
    await using it = await stage([{ secret, provider, fault: { kind: "dead" } }], { config: SOON });
    expect((await send(it.proxy)).status).toBe(503);
    it.simulator.setFault(secret, undefined);
    const line = await it.proxy.logged(({ state }) => state === "recovered");
    expect(line).toMatchObject({ level: "info", key: "key-1" });
    expect((await send(it.proxy)).status).toBe(200);
  });
});

describe("a dead key", () => {
  test("is asked about by calls that cost nothing, and by no client's request, while it is refused", async () => {
    await using it = await stage(
      [{ secret: "sk-dead-aaaa", fault: { kind: "dead" } }, { secret: "sk-sound-bbbb" }],
      { config: SOON },
    );
    await it.proxy.post(CHAT_PATH, CHAT);
    await it.simulator.nextRequest(isProbe);
    for (let request = 0; request < 10; request += 1) {
      const answer = await it.proxy.post(CHAT_PATH, CHAT);
      expect(answer.headers.get("x-keycycle-key")).toBe("key-2");
    }
    await it.simulator.nextRequest(isProbe);
    const paid = it.simulator.requests.filter(
      ({ secret, method }) => secret === "sk-dead-aaaa" && method === "POST",
    );
    expect(paid).toHaveLength(1);
    expect(it.proxy.log.filter(({ state }) => state === "dead")).toHaveLength(1);
    expect(it.proxy.output).not.toContain("sk-dead-aaaa");
  });

  test("that a reload takes out is not asked about any more", async () => {
    const secrets = ["sk-goes-aaaa", "sk-stays-bbbb"];
    await using it = await stage(
      secrets.map((secret) => ({ secret, fault: { kind: "dead" } as const })),
      { config: SOON },
    );
    await it.proxy.post(CHAT_PATH, CHAT);
    await Promise.all(secrets.map((secret) => it.simulator.nextRequest(isProbeOf(secret))));
    const apiKeys = [{ key: "sk-stays-bbbb", url: it.simulator.url }];
    writeFileSync(it.proxy.configPath, JSON.stringify({ apiKeys, ...SOON }));
    await it.proxy.logged(({ message }) => message === "The configuration was reloaded");
    // What was under way then is over after another look.
    await it.simulator.nextRequest(isProbeOf("sk-stays-bbbb"));
    const before = it.simulator.counts("sk-goes-aaaa").received;
    await it.simulator.nextRequest(isProbeOf("sk-stays-bbbb"));
    expect(it.simulator.counts("sk-goes-aaaa").received).toBe(before);
  });

  test("whose provider hangs when it is asked does not hold up the exit", async () => {
    const secret = "sk-dead-aaaa";
    await using it = await stage([{ secret, fault: { kind: "dead" } }], { config: SOON });
    await it.proxy.post(CHAT_PATH, CHAT);
    it.simulator.setFault(secret, { kind: "hang" });
    const given = it.simulator.nextRequest(isProbe);
    await it.simulator.nextArrival(isProbe);
    expect(await it.proxy.stop()).toBe(0);
    expect(await given).toMatchObject({ aborted: true });
  });
});

test("when a spent key's time has come one client's request tries it, and the others follow its success", async () => {
  let answered = 0;
  let underWay = 0;
  let peakBeforeSuccess = 0;
  const upstream = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      if (new URL(request.url).pathname !== CHAT_PATH) return new Response("{}", { status: 401 });
      underWay += 1;
      if (answered <= 1) peakBeforeSuccess = Math.max(peakBeforeSuccess, underWay);
      if (answered > 0) await Bun.sleep(100);
      underWay -= 1;
      answered += 1;
      if (answered === 1)
        return Response.json(
          { error: { message: "No money" } },
          { status: 402, headers: { "retry-after-ms": "500" } },
        );
      return Response.json({ choices: [] });
    },
  });
  const proxy = await Proxy.start({
    apiKeys: [{ name: "spent", key: "sk-spent-aaaa", url: upstream.url.origin, models: ["others"] }],
    rotation: { maxWait: "10s", probeAfter: "1ms" },
  });
  try {
    expect((await proxy.post(CHAT_PATH, CHAT)).status).toBe(429);
    const answers = await Promise.all(Array.from({ length: 8 }, () => proxy.post(CHAT_PATH, CHAT)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(peakBeforeSuccess).toBe(1);
    expect(proxy.log.filter(({ state }) => state === "recovered")).toHaveLength(1);
  } finally {
    proxy.process.kill("SIGKILL");
    await proxy.process.exited;
    await upstream.stop(true);
  }
});
