import { describe, expect, test } from "bun:test";

import { Simulator } from "../../src/demo/simulator.ts";
import { CHAT, Proxy, stage, type Stage, stageOf } from "./harness.ts";

const CHAT_PATH = "/v1/chat/completions";

/** One key that the configuration bounds and the simulator does not. */
async function bounded(limits: object, rotation: object): Promise<Stage> {
  const secret = "sk-one-aaaa";
  const simulator = Simulator.start({ keys: [{ secret }], latencyMs: 20 });
  const apiKeys = [{ name: "bounded", key: secret, url: simulator.url, models: ["others"], limits }];
  return stageOf(simulator, await Proxy.start({ apiKeys, rotation }));
}

describe("when all keys are limited", () => {
  test("a request waits for the first that recovers and is served", async () => {
    const keys = ["sk-one-aaaa", "sk-two-bbbb"];
    await using it = await stage(
      keys.map((secret) => ({ secret })),
      { config: { rotation: { maxWait: "10s" } } },
    );
    for (const secret of keys)
      it.simulator.setFault(secret, { kind: "limited", retryAfterMs: 300, hint: "header-ms" }, 1);
    const startedMs = Date.now();
    const answer = await it.proxy.post(CHAT_PATH, CHAT);
    const tookMs = Date.now() - startedMs;
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-keycycle-attempts")).toBe("3");
    expect(tookMs).toBeGreaterThanOrEqual(300);
    expect(tookMs).toBeLessThan(1_500);
  });

  test("a request that may not wait is told at once, and exactly, when to come back", async () => {
    await using it = await stage([{ secret: "sk-one-aaaa" }], { config: { rotation: { maxWait: "0s" } } });
    it.simulator.setFault("sk-one-aaaa", { kind: "limited", retryAfterMs: 7_300, hint: "header-ms" }, 1);
    const startedMs = Date.now();
    const answer = await it.proxy.post(CHAT_PATH, CHAT);
    const tookMs = Date.now() - startedMs;
    expect(answer.status).toBe(429);
    expect(tookMs).toBeLessThan(1_000);
    const retryAfterMs = Number(answer.headers.get("retry-after-ms"));
    expect(retryAfterMs).toBeLessThanOrEqual(7_300);
    expect(retryAfterMs).toBeGreaterThanOrEqual(7_300 - tookMs);
    expect(answer.headers.get("retry-after")).toBe(String(Math.ceil(retryAfterMs / 1_000)));
  });

  test("a request whose wait would be too long is told at once", async () => {
    await using it = await stage([{ secret: "sk-one-aaaa" }], { config: { rotation: { maxWait: "2s" } } });
    it.simulator.setFault("sk-one-aaaa", { kind: "limited", retryAfterMs: 20_000, hint: "header-ms" }, 1);
    const startedMs = Date.now();
    const answer = await it.proxy.post(CHAT_PATH, CHAT);
    expect(answer.status).toBe(429);
    expect(Date.now() - startedMs).toBeLessThan(1_000);
    expect(Number(answer.headers.get("retry-after-ms"))).toBeGreaterThan(18_000);
  });

  test("one more than may wait is told at once", async () => {
    await using it = await stage([{ secret: "sk-one-aaaa" }], {
      config: { rotation: { maxWait: "10s", maxQueue: 2 } },
    });
    it.simulator.setFault("sk-one-aaaa", { kind: "limited", retryAfterMs: 1_000, hint: "header-ms" }, 1);
    // The key is limited from here on: whoever comes waits.
    const first = it.proxy.post(CHAT_PATH, CHAT);
    await it.proxy.logged((line) => line.event === "key" && line.state === "limited");
    const statuses: number[] = [];
    const send = async () => statuses.push((await it.proxy.post(CHAT_PATH, CHAT)).status);
    await Promise.all([send(), send(), send()]);
    expect((await first).status).toBe(200);
    expect(statuses).toEqual([429, 429, 200]);
  });

  test("a flood that fills the line leaves another client's single request a place in it", async () => {
    const clients = ["flood", "single"].map((name) => ({ name, token: `kc-${name}` }));
    await using it = await stage([{ secret: "sk-one-aaaa" }], {
      config: { clients, rotation: { maxWait: "10s", maxQueue: 5 } },
    });
    const as = (name: string) => ({ authorization: `Bearer kc-${name}` });
    it.simulator.setFault("sk-one-aaaa", { kind: "limited", retryAfterMs: 1_500, hint: "header-ms" }, 1);
    const first = it.proxy.post(CHAT_PATH, CHAT, as("flood"));
    await it.proxy.logged((line) => line.event === "key" && line.state === "limited");
    const flood = Array.from({ length: 10 }, () => it.proxy.post(CHAT_PATH, CHAT, as("flood")));
    // One for which there is no room is told at once.
    expect((await Promise.any(flood)).status).toBe(429);
    expect((await it.proxy.post(CHAT_PATH, CHAT, as("single"))).status).toBe(200);
    const statuses = (await Promise.all([first, ...flood])).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(4);
  });

  test("requests wait for a key of which only refusals are known: it may serve them all at once", async () => {
    await using it = await stage([{ secret: "sk-one-aaaa" }], { config: { rotation: { maxWait: "15s" } } });
    it.simulator.setFault("sk-one-aaaa", { kind: "limited", retryAfterMs: 500, hint: "header-ms" }, 2);
    const answers = await Promise.all(Array.from({ length: 40 }, () => it.proxy.post(CHAT_PATH, CHAT)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
  });

  test("a client that leaves gives up its place, and nothing is sent for it", async () => {
    await using it = await stage([{ secret: "sk-one-aaaa" }], {
      config: { rotation: { maxWait: "10s", maxQueue: 1 } },
    });
    it.simulator.setFault("sk-one-aaaa", { kind: "limited", retryAfterMs: 1_500, hint: "header-ms" }, 1);
    const gone = new AbortController();
    const refused = it.simulator.nextRequest();
    const leaving = it.proxy.post(CHAT_PATH, CHAT, {}, gone.signal).catch(() => "gone");
    await refused;
    await it.proxy.logged((line) => line.event === "key" && line.state === "limited");
    gone.abort();
    expect(await leaving).toBe("gone");
    await it.proxy.logged((line) => line.event === "request" && line.status === 499);
    expect((await it.proxy.post(CHAT_PATH, CHAT)).status).toBe(200);
    expect(it.simulator.counts().received).toBe(2);
  });
});

describe("a client that was turned away and comes back exactly when it was told to", () => {
  const comeBack = async (proxy: Proxy, refused: Response): Promise<Response> => {
    await Bun.sleep(Number(refused.headers.get("retry-after-ms")));
    return await proxy.post(CHAT_PATH, CHAT);
  };

  test("is served, where keys cool until times that are known", async () => {
    const keys = ["sk-one-aaaa", "sk-two-bbbb"];
    await using it = await stage(keys.map((secret) => ({ secret })));
    for (const [index, secret] of keys.entries()) {
      const retryAfterMs = 600 + 900 * index;
      it.simulator.setFault(secret, { kind: "limited", retryAfterMs, hint: "header-ms" }, 1);
    }
    const refused = await it.proxy.post(CHAT_PATH, CHAT);
    expect(refused.status).toBe(429);
    const back = await comeBack(it.proxy, refused);
    expect(back.status).toBe(200);
    expect(back.headers.get("x-keycycle-attempts")).toBe("1");
  });

  test("is served with all others who were told, each in its turn", async () => {
    // Each key is refused once, and then takes one more.
    const coolMs = [1_000, 2_000, 3_000];
    const secrets = coolMs.map((_ms, index) => `sk-${index}-aaaa`);
    const simulator = Simulator.start({ keys: secrets.map((secret) => ({ secret })) });
    const apiKeys = secrets.map((key) => ({
      key,
      url: simulator.url,
      models: ["others"],
      limits: { rpm: 2 },
    }));
    await using it = stageOf(simulator, await Proxy.start({ apiKeys, rotation: { maxWait: "0s" } }));
    for (const [index, secret] of secrets.entries()) {
      const retryAfterMs = coolMs[index] ?? 0;
      simulator.setFault(secret, { kind: "limited", retryAfterMs, hint: "header-ms" }, 1);
    }
    const send = () => it.proxy.post(CHAT_PATH, CHAT);
    const refused = [await send(), await send(), await send()];
    expect(refused.map(({ status }) => status)).toEqual([429, 429, 429]);
    const hints = refused.map(({ headers }) => Number(headers.get("retry-after-ms")));
    for (const [index, hint] of hints.entries())
      expect(hint).toBeWithin(1_000 * index + 500, 1_000 * (index + 1) + 1);
    const back = await Promise.all(refused.map((one) => comeBack(it.proxy, one)));
    expect(back.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

describe("bounds of the configuration hold at the upstream", () => {
  test("requests under way at once", async () => {
    await using it = await bounded({ concurrency: 3 }, { maxWait: "10s" });
    const answers = await Promise.all(Array.from({ length: 30 }, () => it.proxy.post(CHAT_PATH, CHAT)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(it.simulator.counts().peakInFlight).toBe(3);
  });

  test("requests a minute", async () => {
    await using it = await bounded({ rpm: 10 }, { maxWait: "0s" });
    const answers = await Promise.all(Array.from({ length: 25 }, () => it.proxy.post(CHAT_PATH, CHAT)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const turnedAway = answers.filter(({ status }) => status === 429);
    expect(turnedAway).toHaveLength(15);
    // Each is told the time of its own turn: ten 61 s after the first ten, the others 61 s later.
    const hints = turnedAway.map(({ headers }) => Number(headers.get("retry-after-ms")));
    for (const [index, hint] of hints.toSorted((a, b) => a - b).entries()) {
      const minutes = index < 10 ? 1 : 2;
      expect(hint).toBeWithin(61_000 * minutes - 3_000, 61_000 * minutes + 1);
    }
    expect(it.simulator.counts().received).toBe(10);
  });
});

describe("tokens a minute", () => {
  const asking = (max_tokens: number) => ({ ...CHAT, max_tokens });

  test("count the output that a request allows while it is under way, and what it used after", async () => {
    await using it = await bounded({ tpm: 1_000 }, { maxWait: "0s" });
    it.simulator.setFaultForAll({ kind: "slow", firstByteMs: 500 }, 2);
    const arrivals = [it.simulator.nextArrival(), it.simulator.nextArrival()];
    const underWay = [it.proxy.post(CHAT_PATH, asking(400)), it.proxy.post(CHAT_PATH, asking(400))];
    await Promise.all(arrivals);
    expect((await it.proxy.post(CHAT_PATH, asking(400))).status).toBe(429);
    expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([200, 200]);
    await it.proxy.until(() => it.proxy.log.filter(({ event }) => event === "request")[2]);
    expect((await it.proxy.post(CHAT_PATH, asking(400))).status).toBe(200);
  });

  test("count nothing of a request that the upstream refuses", async () => {
    await using it = await bounded({ tpm: 1_000 }, { maxWait: "0s" });
    it.simulator.setFaultForAll({ kind: "bad-request" }, 5);
    for (let request = 0; request < 5; request += 1)
      expect((await it.proxy.post(CHAT_PATH, asking(900))).status).toBe(400);
    expect((await it.proxy.post(CHAT_PATH, asking(900))).status).toBe(200);
  });

  test("hold back no request for the bytes of its image", async () => {
    await using it = await bounded({ tpm: 10_000 }, { maxWait: "0s" });
    const url = `data:image/png;base64,${Buffer.alloc(1_000_000, "image").toString("base64")}`;
    const content = [{ type: "image_url", image_url: { url } }];
    const request = { ...CHAT, max_tokens: 10, messages: [{ role: "user", content }] };
    it.simulator.setFaultForAll({ kind: "slow", firstByteMs: 300 }, 5);
    const answers = await Promise.all(Array.from({ length: 5 }, () => it.proxy.post(CHAT_PATH, request)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });
});
