import { describe, expect, test } from "bun:test";
import type { Simulator } from "../../src/demo/simulator.ts";
import { chat, SECRET, send, simulate } from "./ask.ts";

const statuses = async (simulator: Simulator, times: number): Promise<number[]> => {
  const seen: number[] = [];
  for (let asked = 0; asked < times; asked += 1) seen.push((await send(simulator, chat("openai"))).status);
  return seen;
};

const ask = async (path: string, headers: Record<string, string>): Promise<[number, string]> => {
  await using simulator = simulate({ apis: ["openai", "gemini", "anthropic", "azure"] });
  const response = await fetch(simulator.url + path, { method: "POST", headers, body: "{}" });
  return [response.status, await response.text()];
};

describe("faults over time", () => {
  test("a fault for some requests gives way to the standing one", async () => {
    await using simulator = simulate({ fault: { kind: "overloaded" } });
    simulator.setFault(SECRET, { kind: "limited" }, 2);
    expect(await statuses(simulator, 3)).toEqual([429, 429, 503]);
  });

  test("no fault for some requests lets them through", async () => {
    await using simulator = simulate({ fault: { kind: "overloaded" } });
    simulator.setFault(SECRET, undefined, 1);
    expect(await statuses(simulator, 2)).toEqual([200, 503]);
  });

  test("a fault for all counts every key's requests together, and can be lifted", async () => {
    await using simulator = simulate();
    simulator.addKey({ secret: "sk-second-000000000000" });
    simulator.setFaultForAll({ kind: "server-error" }, 1);
    const first = await send(simulator, chat("openai", "sk-second-000000000000"));
    expect([first.status, ...(await statuses(simulator, 1))]).toEqual([500, 200]);
    simulator.setFaultForAll({ kind: "dead" });
    expect(await statuses(simulator, 2)).toEqual([401, 401]);
    simulator.setFaultForAll(undefined);
    expect(await statuses(simulator, 1)).toEqual([200]);
  });
});

describe("the log of requests", () => {
  test("has what was received and what was answered", async () => {
    await using simulator = simulate({}, { now: () => 42 });
    const { path, headers, body } = chat("openai");
    await fetch(`${simulator.url}${path}?x=%2F`, {
      method: "POST",
      headers: { ...headers, "X-Two": "b" },
      body,
    });
    const [request] = simulator.requests;
    expect(request).toMatchObject({
      at: 42,
      endedAt: 42,
      method: "POST",
      path: `${path}?x=%2F`,
      secret: SECRET,
    });
    expect(request).toMatchObject({ api: "openai", model: "gpt-4o", status: 200, aborted: false });
    expect(request?.headers["x-two"]).toBe("b");
    expect(new TextDecoder().decode(request?.body)).toBe(body);
    expect(request).toMatchObject({ promptTokens: Math.ceil(body.length / 4), completionTokens: 8 });
  });

  test("keeps the last ones while the counts stay exact", async () => {
    await using simulator = simulate({}, { keep: 2 });
    await statuses(simulator, 5);
    expect(simulator.requests.length).toBe(2);
    expect(simulator.counts(SECRET)).toMatchObject({ received: 5, served: 5, refused: 0, inFlight: 0 });
  });

  test("notices within the stream that the client has gone", async () => {
    await using simulator = simulate({}, { chunkDelayMs: 10, chunks: 10_000 });
    const ended = simulator.nextRequest((request) => request.aborted);
    const controller = new AbortController();
    const { path, headers, body } = chat("openai", undefined, true);
    const { signal } = controller;
    const response = await fetch(simulator.url + path, { method: "POST", headers, body, signal });
    const reader = response.body!.getReader();
    await reader.read();
    const abortedAt = performance.now();
    controller.abort();
    expect(await ended).toMatchObject({ status: 200, aborted: true });
    expect(performance.now() - abortedAt).toBeLessThan(500);
    expect(simulator.counts(SECRET)).toMatchObject({ aborted: 1, served: 0, inFlight: 0 });
  });

  test("tells each request once, when it is over", async () => {
    const told: number[] = [];
    await using simulator = simulate({}, { onRequest: (request) => told.push(request.status) });
    await statuses(simulator, 2);
    expect(told).toEqual([200, 200]);
  });
});

describe("what a request must have", () => {
  test("a credential", async () => {
    expect(await ask("/v1/chat/completions", {})).toEqual([
      401,
      expect.stringContaining("You didn't provide an API key"),
    ]);
  });

  test("a path that the provider has", async () => {
    const bearer = { authorization: `Bearer ${SECRET}` };
    expect(await ask("/v1/nothing", bearer)).toEqual([
      404,
      expect.stringContaining("Invalid URL (POST /v1/nothing)"),
    ]);
    const anthropic = { "x-api-key": SECRET, "anthropic-version": "2023-06-01" };
    expect(await ask("/v1/nothing", anthropic)).toEqual([404, expect.stringContaining("not_found_error")]);
    expect((await ask("/v1beta/nothing", { "x-goog-api-key": SECRET }))[0]).toBe(404);
    expect((await ask("/openai/deployments/x/chat/completions", { "api-key": SECRET }))[0]).toBe(404);
  });

  test("a body in JSON, with a model", async () => {
    await using simulator = simulate();
    const { path, headers } = chat("openai");
    const broken = await send(simulator, { path, headers, body: "{" });
    const without = await send(simulator, { path, headers, body: "{}" });
    expect(await broken.text()).toContain("could not parse the JSON body");
    expect(await without.text()).toContain("you must provide a model parameter");
    expect([broken.status, without.status]).toEqual([400, 400]);
  });

  test("a model that the key may use", async () => {
    await using simulator = simulate({ models: ["gpt-4o-mini"] });
    expect(await statuses(simulator, 1)).toEqual([404]);
  });

  test("no more than the largest body", async () => {
    await using simulator = simulate({}, { maxBodyBytes: 10 });
    expect(await statuses(simulator, 1)).toEqual([413]);
    expect(simulator.requests[0]?.bodyBytes).toBeGreaterThan(10);
  });
});

describe("starting and stopping", () => {
  test("stop cuts off what is under way and frees the port", async () => {
    const simulator = simulate({ fault: { kind: "hang" } });
    const arrived = simulator.nextArrival();
    const asked = send(simulator, chat("openai")).catch(() => "cut");
    await arrived;
    await simulator.stop();
    expect(await asked).toBe("cut");
    await using again = simulate({}, { port: simulator.port });
    expect(again.port).toBe(simulator.port);
  });

  test("a port in use is an error that names it", async () => {
    await using simulator = simulate();
    expect(() => simulate({}, { port: simulator.port })).toThrow(`port ${simulator.port}; is it in use?`);
  });

  test("a large stream waits for a slow reader and arrives whole", async () => {
    await using simulator = simulate({}, { chunks: 50_000 });
    const response = await send(simulator, chat("openai", undefined, true));
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
    expect(text.match(/"content":"/g)?.length).toBe(50_001);
    expect(text).toEndWith("data: [DONE]\n\n");
    expect(simulator.counts(SECRET)).toMatchObject({ served: 1, inFlight: 0 });
  });

  test("a stream has as many deltas as asked for", async () => {
    await using simulator = simulate({}, { chunks: 50 });
    const text = await (await send(simulator, chat("anthropic", undefined, true))).text();
    expect(text.match(/text_delta/g)?.length).toBe(50);
  });
});
