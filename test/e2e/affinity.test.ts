import { expect, test } from "bun:test";

import { converse, type Rotator, type Talk } from "../bench/conversations.ts";
import { type Stage, stage } from "./harness.ts";

const KEYS = Array.from({ length: 8 }, (_, index) => ({ secret: `sk-affinity-${index}` }));
const SYSTEM = { role: "system", content: "Answer as a pirate would, and briefly. ".repeat(200) };

const asks = (...questions: string[]) => ({
  model: "gpt-4o",
  messages: [SYSTEM, ...questions.map((content) => ({ role: "user", content }))],
});

async function keyFor(it: Stage, body: object, headers: Record<string, string> = {}) {
  const answer = await it.proxy.post("/v1/chat/completions", body, headers);
  await answer.text();
  return { key: answer.headers.get("x-keycycle-key"), affinity: answer.headers.get("x-keycycle-affinity") };
}

test("a conversation stays on its key, and others go elsewhere", async () => {
  await using it = await stage(KEYS);
  const used = new Set<string | null>();
  for (let conversation = 0; conversation < 20; conversation += 1) {
    const first = await keyFor(it, asks(`What is treasure map number ${conversation} good for?`));
    const again = await keyFor(it, asks(`What is treasure map number ${conversation} good for?`, "And why?"));
    expect(again).toEqual({ ...first, affinity: "hit" });
    used.add(first.key);
  }
  expect(used.size).toBeGreaterThan(3);
  const line = await it.proxy.logged(({ event }) => event === "request");
  expect(line.affinity).toBe("hit");
});

test("a limited key spills over to the same other one, and has the conversation back", async () => {
  await using it = await stage(KEYS);
  const mine = { prompt_cache_key: "mine", ...asks("Hm?") };
  const home = await keyFor(it, mine);
  const secret = KEYS.find((_, index) => home.key === `key-${index + 1}`)?.secret ?? "";
  const limited = { kind: "limited", retryAfterMs: 1_000 } as const;
  it.simulator.setFault(secret, limited, 1);
  const spilled = await keyFor(it, mine);
  expect(spilled.affinity).toBe("spill");
  expect(spilled.key).not.toBe(home.key);
  let last = await keyFor(it, mine);
  while (last.affinity === "spill") {
    expect(last).toEqual(spilled);
    last = await keyFor(it, mine);
  }
  expect(last).toEqual({ key: home.key, affinity: "hit" });
});

test("the client's x-keycycle-affinity counts first and reaches no upstream", async () => {
  await using it = await stage(KEYS);
  const small = { model: "gpt-4o", messages: [{ role: "user", content: "Hi" }] };
  const keys = new Set<string | null>();
  for (let turn = 0; turn < 10; turn += 1) {
    const user = `somebody else ${turn}`;
    keys.add((await keyFor(it, { ...small, user }, { "x-keycycle-affinity": "job-7" })).key);
  }
  expect(keys.size).toBe(1);
  expect(it.simulator.requests.some(({ headers }) => "x-keycycle-affinity" in headers)).toBe(false);
  const none = await keyFor(it, small);
  expect(none.affinity).toBeNull();
});

test("affinity: client keeps each client on a key, none leaves all to the strategy", async () => {
  const clients = ["ann", "bob"].map((name) => ({ name, token: `token-of-${name}-000000` }));
  await using perClient = await stage(KEYS, { config: { clients, rotation: { affinity: "client" } } });
  for (const { token } of clients) {
    const headers = { authorization: `Bearer ${token}` };
    const keys = new Set<string | null>();
    for (let turn = 0; turn < 8; turn += 1)
      keys.add((await keyFor(perClient, asks(`${turn}?`), headers)).key);
    expect(keys.size).toBe(1);
  }
  await using none = await stage(KEYS, { config: { rotation: { affinity: "none" } } });
  const keys = new Set<string | null>();
  for (let turn = 0; turn < 8; turn += 1) keys.add((await keyFor(none, asks("Same?"))).key);
  expect(keys.size).toBe(8);
});

test("at half load eight keys find as much in the providers' caches as one would", async () => {
  const talk: Talk = { conversations: 32, turns: 2, systemBytes: 0, firstBytes: 8_000, nextBytes: 200 };
  const shareWith = async (rotator: Rotator) => {
    const heard = await converse(talk, rotator, 0.5, 400);
    expect(heard.failed).toBe(0);
    return heard.cachedTokens / heard.promptTokens;
  };
  const [one, affine, robin] = await Promise.all([
    shareWith({ keys: 1, rotation: { strategy: "headroom", affinity: "none" } }),
    shareWith({ keys: 8, rotation: { strategy: "headroom", affinity: "prompt-cache" } }),
    shareWith({ keys: 8, rotation: { strategy: "round-robin", affinity: "none" } }),
  ]);
  expect(one).toBeGreaterThan(0.4);
  expect(affine / one).toBeGreaterThan(0.95);
  // About an eighth.
  expect(robin / one).toBeLessThan(0.25);
});
