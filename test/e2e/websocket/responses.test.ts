import { describe, expect, test } from "bun:test";

import { stage } from "../harness.ts";
import { fourKeys } from "../sdk-clients.ts";
import { open, type Peer } from "./peer.ts";

const RESPONSES = "/v1/responses";

const ask = (model: string) => JSON.stringify({ type: "response.create", model, input: "Hi" });

const OPENAI = [
  { name: "first", secret: "sk-first-0000-aaaa", priority: 0 },
  { name: "other", secret: "sk-other-0000-bbbb", priority: 1 },
];

describe("responses over a WebSocket, of which each message names the model", () => {
  async function talk(client: Peer, message: string): Promise<Record<string, unknown>[]> {
    client.socket.send(message);
    const events: Record<string, unknown>[] = [];
    for (;;) {
      const event = await client.json();
      events.push(event);
      if (event["type"] === "response.completed" || event["type"] === "error") return events;
    }
  }

  test.each([
    ["refused in the handshake", { kind: "dead" }],
    ["limited in its first event", { kind: "error-as-first-event", code: "limited" }],
    ["spent in its first event", { kind: "error-as-first-event", code: "spent" }],
  ] as const)("go on with another key where one is %s", async (_name, fault) => {
    await using it = await stage(OPENAI);
    it.simulator.setFault("sk-first-0000-aaaa", fault);
    const client = await open(it.proxy, RESPONSES);
    const events = await talk(client, ask("gpt-5"));
    expect(events[0]).toMatchObject({ type: "response.created" });
    expect(events.at(-1)).toMatchObject({ type: "response.completed" });
    expect(await talk(client, ask("gpt-5"))).toHaveLength(events.length);
    expect(it.simulator.requests.map(({ secret }) => secret?.slice(-4))).toEqual(["aaaa", "bbbb"]);
  });

  test("that no key can serve: an error event with the status, then the end", async () => {
    await using it = await stage(OPENAI);
    it.simulator.setFaultForAll({ kind: "error-as-first-event", code: "limited" });
    const client = await open(it.proxy, RESPONSES);
    const [event] = await talk(client, ask("gpt-5"));
    expect(event).toMatchObject({ type: "error", status: 429, error: { code: "rate_limit_exceeded" } });
    expect((await client.ended).code).toBe(1013);
  });

  test("that are wrong get the upstream's own error, and the connection goes on", async () => {
    await using it = await stage(OPENAI);
    const client = await open(it.proxy, RESPONSES);
    expect(await talk(client, '{"type":"response.nonsense","model":"gpt-5"}')).toMatchObject([
      { type: "error", status: 400 },
    ]);
    expect((await talk(client, ask("gpt-5"))).at(-1)).toMatchObject({ type: "response.completed" });
  });

  test("belong to their key: what goes on from one gets there, over HTTP as well", async () => {
    await using it = await stage(fourKeys("openai"));
    for (let round = 0; round < 4; round += 1) {
      const [created] = await talk(await open(it.proxy, RESPONSES), ask("gpt-5"));
      const response = created?.["response"] as { id: string } | undefined;
      const further = { model: "gpt-5", input: "And?", previous_response_id: response?.id };
      const turn = JSON.stringify({ type: "response.create", ...further });
      const events = await talk(await open(it.proxy, RESPONSES), turn);
      expect(events.at(-1)).toMatchObject({ type: "response.completed" });
      expect((await it.proxy.post("/v1/responses", further)).status).toBe(200);
    }
  });

  test("hold a client to its models in every turn", async () => {
    const config = { clients: [{ name: "small", token: "kc-small", models: ["gpt-small"] }] };
    await using it = await stage(OPENAI, { config });
    const client = await open(it.proxy, RESPONSES, { headers: { authorization: "Bearer kc-small" } });
    expect((await talk(client, ask("gpt-small"))).at(-1)).toMatchObject({ type: "response.completed" });
    expect(await talk(client, ask("gpt-large"))).toMatchObject([
      { type: "error", status: 403, error: { code: "model_not_allowed" } },
    ]);
    const unnamed = '{"type":"response.create","input":""}';
    expect(await talk(client, unnamed)).toMatchObject([{ type: "error", status: 403 }]);
    const twice = '{"type":"response.create","model":"gpt-small","input":"","model":"gpt-large"}';
    expect(await talk(client, twice)).toMatchObject([{ type: "error", status: 400 }]);
    expect((await talk(client, ask("gpt-small"))).at(-1)).toMatchObject({ type: "response.completed" });
  });

  test("hold a client to its requests a minute in every turn", async () => {
    const config = { clients: [{ name: "slow", token: "kc-slow", limits: { rpm: 2 } }] };
    await using it = await stage(OPENAI, { config });
    const client = await open(it.proxy, RESPONSES, { headers: { authorization: "Bearer kc-slow" } });
    await talk(client, ask("gpt-5"));
    await talk(client, ask("gpt-5"));
    expect(await talk(client, ask("gpt-5"))).toMatchObject([
      { type: "error", status: 429, error: { code: "client_rate_limit_exceeded" } },
    ]);
  });

  test("may ask for an alias in every turn", async () => {
    const config = { aliases: { best: "gpt-5", quick: ["gpt-mini", "gpt-5"] } };
    await using it = await stage(OPENAI.slice(0, 1), { config });
    it.simulator.addKey({ secret: "sk-first-0000-aaaa", models: ["gpt-5", "gpt-mini"] });
    const client = await open(it.proxy, RESPONSES);
    for (const [asked, model] of [
      ["best", "gpt-5"],
      ["quick", "gpt-mini"],
      ["best", "gpt-5"],
      ["gpt-mini", "gpt-mini"],
    ]) {
      expect((await talk(client, ask(asked!)))[0]).toMatchObject({ response: { model } });
    }
  });

  test("choose a subprotocol for a browser that offers its token as one", async () => {
    await using it = await stage(OPENAI, { config: { clients: [{ token: "kc-browser" }] } });
    const subprotocols = ["realtime", "openai-insecure-api-key.kc-browser"];
    const client = await open(it.proxy, RESPONSES, { subprotocols });
    expect(client.socket.protocol).toBe("realtime");
    await talk(client, ask("gpt-5"));
    expect(it.simulator.requests[0]?.headers["sec-websocket-protocol"]).toBe("realtime");
  });
});
