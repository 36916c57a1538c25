import { expect, test } from "bun:test";
import { Agent, request } from "node:http";

import { CHAT, stage } from "./harness.ts";

const BODY = JSON.stringify(CHAT);

interface Served {
  readonly status: number;
  readonly key: string;
  readonly body: string;
}

/** A client without the limit of 256 requests that `fetch` has in this process too. */
class Crowd implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity });

  constructor(readonly url: string) {}

  async chat(): Promise<Served> {
    return await new Promise((resolve, reject) => {
      const options = {
        agent: this.#agent,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": BODY.length },
      };
      const outgoing = request(`${this.url}/v1/chat/completions`, options, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (text: string) => {
          body += text;
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            key: String(response.headers["x-keycycle-key"]),
            body,
          }),
        );
      });
      outgoing.on("error", reject);
      outgoing.end(BODY);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

test("1,000 requests that take a second each are under way together", async () => {
  const REQUESTS = 1_000;
  await using it = await stage([{ secret: "sk-a" }, { secret: "sk-b" }, { secret: "sk-c" }], {
    simulator: { latencyMs: 1_000 },
    config: { log: { level: "warn" } },
  });
  using crowd = new Crowd(it.proxy.url);
  // Opens the connections, on either side, so that what is measured is the requests.
  await Promise.all(Array.from({ length: REQUESTS }, () => crowd.chat()));

  const startedMs = performance.now();
  const answers = await Promise.all(Array.from({ length: REQUESTS }, () => crowd.chat()));
  const seconds = (performance.now() - startedMs) / 1_000;
  const { peakInFlight, received } = it.simulator.counts();
  console.log(`${REQUESTS} requests of 1 s took ${seconds.toFixed(2)} s; ${peakInFlight} at once`);

  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(received).toBe(2 * REQUESTS);
  expect(peakInFlight).toBeGreaterThan(900);
  // Each key had its third.
  for (const key of ["key-1", "key-2", "key-3"]) {
    expect(answers.filter((answer) => answer.key === key).length).toBeWithin(333, 335);
  }
});

test.each([
  { is: "dies", fault: { kind: "dead" } as const },
  { is: "is limited", fault: { kind: "limited", retryAfterMs: 600_000 } as const },
  { is: "is spent", fault: { kind: "spent" } as const },
  { is: "starts to reset its connections", fault: { kind: "reset", when: "before-first-byte" } as const },
])("200 requests at once all succeed while a key $is midway", async ({ fault }) => {
  const REQUESTS = 200;
  await using it = await stage([{ secret: "sk-a" }, { secret: "sk-b" }, { secret: "sk-c" }], {
    simulator: { latencyMs: 5 },
  });
  using crowd = new Crowd(it.proxy.url);
  const midway = it.simulator
    .nextArrival(() => it.simulator.counts().received === REQUESTS / 2)
    .then(() => it.simulator.setFault("sk-b", fault));

  const answers = await Promise.all(Array.from({ length: REQUESTS }, () => crowd.chat()));
  await midway;

  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(answers.every(({ body }) => body.includes("Hello"))).toBe(true);
  const { received, refused, broken } = it.simulator.counts("sk-b");
  expect(received).toBeGreaterThan(0);
  expect(refused + broken).toBeGreaterThan(0);
  // Told once, however many requests met it; what is told comes after the answers.
  const logged = () => it.proxy.log.filter(({ event }) => event === "request").length;
  await it.proxy.until(() => logged() === REQUESTS || undefined);
  const changes = it.proxy.log.filter(({ event }) => event === "key");
  expect(changes).toHaveLength(fault.kind === "reset" ? 0 : 1);
});

test("1,000 streams at once all end whole", async () => {
  const STREAMS = 1_000;
  await using it = await stage([{ secret: "sk-a" }, { secret: "sk-b" }], {
    simulator: { chunkDelayMs: 20, chunks: 10 },
    config: { log: { level: "warn" } },
  });
  const stream = JSON.stringify({ ...CHAT, stream: true });
  const answers = await Promise.all(
    Array.from({ length: STREAMS }, async () => (await it.proxy.post("/v1/chat/completions", stream)).text()),
  );
  expect(answers.filter((body) => !body.endsWith("data: [DONE]\n\n"))).toEqual([]);
  expect(it.simulator.counts()).toMatchObject({ served: STREAMS, aborted: 0, broken: 0 });
});
