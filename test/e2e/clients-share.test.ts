import { describe, expect, test } from "bun:test";

import { CHAT, stage } from "./harness.ts";

const CHAT_PATH = "/v1/chat/completions";
const as = (token: string) => ({ authorization: `Bearer ${token}` });

describe("a client's own limits", () => {
  const config = {
    clients: [
      { name: "small", token: "kc-small", limits: { rpm: 2 } },
      { name: "one-at-a-time", token: "kc-one", limits: { concurrency: 1 } },
      { name: "short", token: "kc-short", limits: { tpm: 1_000 } },
    ],
  };

  test("hold it back with an honest 429 in its own format, and nobody else", async () => {
    await using it = await stage([{ secret: "sk-one-aaaa" }], { config });
    const statuses: number[] = [];
    for (let request = 0; request < 2; request += 1) {
      statuses.push((await it.proxy.post(CHAT_PATH, CHAT, as("kc-small"))).status);
    }
    const refused = await it.proxy.post(CHAT_PATH, CHAT, as("kc-small"));
    expect(statuses).toEqual([200, 200]);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after-ms"))).toBeWithin(50_000, 60_002);
    expect(await refused.json()).toMatchObject({ error: { code: "client_rate_limit_exceeded" } });
    expect((await it.proxy.post(CHAT_PATH, CHAT, as("kc-one"))).status).toBe(200);
    expect(it.simulator.counts().received).toBe(3);
  });

  test("of tokens count what a request may use, and what it used once that is known", async () => {
    await using it = await stage([{ secret: "sk-one-aaaa" }], { config });
    const asking = { ...CHAT, max_tokens: 900 };
    it.simulator.setFaultForAll({ kind: "slow", firstByteMs: 300 }, 1);
    const arrival = it.simulator.nextArrival();
    const first = it.proxy.post(CHAT_PATH, asking, as("kc-short"));
    await arrival;
    const refused = await it.proxy.post(CHAT_PATH, asking, as("kc-short"));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after-ms"))).toBeWithin(1, 60_002);
    expect((await first).status).toBe(200);
    await it.proxy.until(() => it.proxy.log.filter(({ event }) => event === "request")[1]);
    expect((await it.proxy.post(CHAT_PATH, asking, as("kc-short"))).status).toBe(200);
    expect(it.simulator.counts().received).toBe(2);
  });

  test("free a place when a request is over, its stream included", async () => {
    await using it = await stage([{ secret: "sk-one-aaaa" }], { config });
    for (let request = 0; request < 3; request += 1) {
      const stream = await it.proxy.post(CHAT_PATH, { ...CHAT, stream: true }, as("kc-one"));
      expect(stream.status).toBe(200);
      await stream.text();
      await it.proxy.until(() =>
        it.proxy.log.filter(({ event }) => event === "request").length > request ? true : undefined,
      );
    }
    it.simulator.setFaultForAll({ kind: "slow", firstByteMs: 300 });
    const arrival = it.simulator.nextArrival();
    const first = it.proxy.post(CHAT_PATH, CHAT, as("kc-one"));
    await arrival;
    expect((await it.proxy.post(CHAT_PATH, CHAT, as("kc-one"))).status).toBe(429);
    expect((await first).status).toBe(200);
  });
});

test("one client's flood does not keep another's single request waiting behind all of it", async () => {
  const limits = { rpm: 10, kind: "token-bucket", windowMs: 1_000 } as const;
  await using it = await stage([{ secret: "sk-one-aaaa", limits }], {
    config: {
      clients: [
        { name: "flood", token: "kc-flood" },
        { name: "single", token: "kc-single" },
      ],
      rotation: { maxWait: "30s" },
    },
  });
  const ended: string[] = [];
  const send = async (client: string) => {
    const answer = await it.proxy.post(CHAT_PATH, CHAT, as(`kc-${client}`));
    await answer.arrayBuffer();
    ended.push(`${client} ${answer.status}`);
  };
  const begun = it.simulator.nextRequest();
  const flood = Array.from({ length: 40 }, () => send("flood"));
  await begun;
  await send("single");
  // Those that the key took at once, and its turn after one of the thirty that wait.
  const before = ended.length;
  await Promise.all(flood);
  expect(before).toBeLessThan(35);
  expect(ended.toSorted()).toEqual([...Array.from({ length: 40 }, () => "flood 200"), "single 200"]);
});
