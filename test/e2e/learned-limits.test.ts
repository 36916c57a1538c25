import { expect, test } from "bun:test";

import { Simulator } from "../../src/demo/simulator.ts";
import { CHAT, Proxy, stage } from "./harness.ts";

const CHAT_PATH = "/v1/chat/completions";

test.each(["token-bucket", "fixed-window"] as const)(
  "a burst of all that the keys have left together (%s) has no refused attempt",
  async (kind) => {
    // An hour, so that no window ends and little comes back within the test.
    const limits = [11, 21, 31, 41].map((rpm) => ({ rpm, kind, windowMs: 3_600_000 }));
    const keys = limits.map((limit, index) => ({ secret: `sk-learned-${index}`, limits: limit }));
    // An answer that overtakes another makes one request look sent twice, until the other has come.
    await using it = await stage(keys, { config: { rotation: { strategy: "headroom", maxWait: "5s" } } });
    while (keys.some(({ secret }) => it.simulator.counts(secret).served === 0))
      await it.proxy.post(CHAT_PATH, CHAT).then((answer) => answer.text());
    const left = 11 + 21 + 31 + 41 - it.simulator.counts().served;

    const answers = await Promise.all(
      Array.from({ length: left }, async () => {
        const answer = await it.proxy.post(CHAT_PATH, CHAT);
        await answer.text();
        return answer.status;
      }),
    );
    expect(it.simulator.counts().refused).toBe(0);
    expect(answers.filter((status) => status === 200)).toHaveLength(left);
  },
);

test("an upstream that resets every connection costs no client an error, and is left alone", async () => {
  const broken = Simulator.start({
    keys: [{ secret: "sk-broken", fault: { kind: "reset", when: "before-first-byte" } }],
  });
  const sound = Simulator.start({ keys: [{ secret: "sk-sound" }] });
  const proxy = await Proxy.start({
    apiKeys: [
      { name: "broken", key: "sk-broken", url: broken.url, models: ["others"] },
      { name: "sound", key: "sk-sound", url: sound.url, models: ["others"] },
    ],
  });
  try {
    const statuses: number[] = [];
    for (let request = 0; request < 60; request += 1)
      statuses.push((await proxy.post(CHAT_PATH, CHAT)).status);
    expect(statuses.every((status) => status === 200)).toBe(true);
    expect(sound.counts().served).toBe(60);
    // Five open the circuit; where the test takes long, a probe or two follow.
    expect(broken.counts().received).toBeGreaterThanOrEqual(5);
    expect(broken.counts().received).toBeLessThanOrEqual(7);
    await proxy.logged(
      (line) => line.event === "message" && line.message?.includes("keeps failing") === true,
    );
  } finally {
    proxy.process.kill("SIGKILL");
    await proxy.process.exited;
    await Promise.all([broken.stop(), sound.stop()]);
  }
});
