import { describe, expect, test } from "bun:test";

import { Simulator } from "../../src/demo/simulator.ts";
import { CHAT, Proxy, stageOf } from "./harness.ts";

const CHAT_PATH = "/v1/chat/completions";

const keyAt = (name: string, url: string) => ({ name, key: `sk-${name}`, url, models: ["others"] });

/** Answered requests, each with its attempts. */
async function send(proxy: Proxy, count: number): Promise<{ status: number; attempts: number }[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const answer = await proxy.post(CHAT_PATH, CHAT);
      await answer.arrayBuffer();
      return { status: answer.status, attempts: Number(answer.headers.get("x-keycycle-attempts")) };
    }),
  );
}

describe("when one upstream of two breaks down", () => {
  test("what is under way there costs one attempt more each, what comes later none, until it is back", async () => {
    const sound = Simulator.start({ keys: [{ secret: "sk-sound" }] });
    const first = Simulator.start({ keys: [{ secret: "sk-broken", fault: { kind: "hang" } }] });
    const proxy = await Proxy.start({ apiKeys: [keyAt("broken", first.url), keyAt("sound", sound.url)] });
    await using _ = stageOf(sound, proxy);

    const underWay = send(proxy, 20);
    while (first.counts().received < 10) await first.nextArrival();
    await first.stop();
    const answers = await underWay;
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers.map(({ attempts }) => attempts).toSorted()).toEqual([
      ...Array.from({ length: 10 }, () => 1),
      ...Array.from({ length: 10 }, () => 2),
    ]);

    const later = await send(proxy, 20);
    expect(later.every(({ status, attempts }) => status === 200 && attempts === 1)).toBe(true);

    const again = Simulator.start({ keys: [{ secret: "sk-broken" }], port: first.port });
    try {
      // Its circuit is half-open after five seconds, and a client's request finds that out.
      while (again.counts().received === 0) {
        expect(await send(proxy, 1)).toEqual([{ status: 200, attempts: 1 }]);
        await Bun.sleep(50);
      }
      await send(proxy, 10);
      expect(again.counts().served).toBeGreaterThanOrEqual(5);
    } finally {
      await again.stop();
    }
  }, 20_000);
});

test("all that is under way at an upstream that breaks down goes on with a sound one, however much that is", async () => {
  const sound = Simulator.start({ keys: [{ secret: "sk-sound" }] });
  const first = Simulator.start({ keys: [{ secret: "sk-broken", fault: { kind: "hang" } }] });
  const proxy = await Proxy.start({ apiKeys: [keyAt("broken", first.url), keyAt("sound", sound.url)] });
  await using _ = stageOf(sound, proxy);
  const underWay = send(proxy, 400);
  while (first.counts().received < 200) await first.nextArrival();
  await first.stop();
  const answers = await underWay;
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(answers.filter(({ attempts }) => attempts === 2)).toHaveLength(200);
}, 20_000);

test("an outage of all upstreams is not multiplied: a hundred retries in ten seconds, and no more", async () => {
  let received = 0;
  const failing = () => {
    received += 1;
    return Response.json({ error: { message: "out of order" } }, { status: 500 });
  };
  // Enough that their circuits are not what ends it: each opens after five failures.
  const upstreams = Array.from({ length: 80 }, () =>
    Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: failing }),
  );
  const proxy = await Proxy.start({
    apiKeys: upstreams.map(({ port }, index) => keyAt(`key-${index}`, `http://127.0.0.1:${port}`)),
  });
  try {
    const answers = await send(proxy, 100);
    expect(answers.every(({ status }) => status === 500)).toBe(true);
    expect(received).toBe(200);
  } finally {
    proxy.process.kill("SIGKILL");
    await proxy.process.exited;
    await Promise.all(upstreams.map((upstream) => upstream.stop(true)));
  }
});

test("keys of a provider that is overloaded are asked as often as maxAttempts says, and no more", async () => {
  const fault = { kind: "overloaded" } as const;
  const secrets = Array.from({ length: 12 }, (_, index) => `sk-${index}`);
  const provider = "anthropic";
  const simulator = Simulator.start({ keys: secrets.map((secret) => ({ secret, provider, fault })) });
  const proxy = await Proxy.start({
    apiKeys: secrets.map((key) => ({ key, provider, url: simulator.url, models: ["others"] })),
    rotation: { maxAttempts: 3 },
  });
  await using _ = stageOf(simulator, proxy);
  const answer = await proxy.post("/v1/messages", { ...CHAT, max_tokens: 10 });
  expect(answer.status).toBe(529);
  expect(await answer.json()).toMatchObject({ error: { type: "overloaded_error" } });
  expect(simulator.counts().received).toBe(3);
});
