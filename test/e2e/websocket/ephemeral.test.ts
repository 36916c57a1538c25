import { describe, expect, test } from "bun:test";

import { type Stage, stage } from "../harness.ts";
import { open, refused } from "./peer.ts";

const A = "sk-first-0000-aaaa";
const B = "sk-other-0000-bbbb";
const KEYS = [
  { name: "first", secret: A },
  { name: "other", secret: B },
];
const SESSION = { session: { type: "realtime", model: "gpt-realtime" } };
const LIVE = "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained";

/** Has a client secret made; which key made it is the round robin's choice. */
async function mint(it: Stage, headers: Record<string, string> = {}, body: object = SESSION) {
  const answer = await it.proxy.post("/v1/realtime/client_secrets", body, headers);
  expect(answer.status).toBe(200);
  const { value } = (await answer.json()) as { value: string };
  expect(value).toStartWith("ek_");
  return {
    token: value,
    key: answer.headers.get("x-keycycle-key"),
    bearer: { authorization: `Bearer ${value}` },
  };
}

describe("a client secret", () => {
  test.each(["/v1/realtime", "/v1/realtime?model=gpt-realtime"])(
    "opens %s at the key that made it, again and again, and is what the upstream sees",
    async (path) => {
      await using it = await stage(KEYS);
      for (let count = 0; count < 4; count += 1) {
        const { token, key, bearer } = await mint(it);
        const client = await open(it.proxy, path, { headers: bearer });
        expect(client.headers["x-keycycle-key"]).toBe(key!);
        expect(await client.json()).toMatchObject({ type: "session.created" });
        expect(it.simulator.requests.at(-1)).toMatchObject({ secret: token });
        client.socket.close();
      }
    },
  );

  test("is taken from a browser's subprotocol, which goes no further", async () => {
    await using it = await stage(KEYS);
    const { token, key } = await mint(it);
    const subprotocols = ["realtime", `openai-insecure-api-key.${token}`];
    const client = await open(it.proxy, "/v1/realtime?model=gpt-realtime", { subprotocols });
    expect(client.socket.protocol).toBe("realtime");
    expect(client.headers["x-keycycle-key"]).toBe(key!);
    const { headers } = it.simulator.requests.at(-1)!;
    expect(headers["sec-websocket-protocol"]).toBe("realtime");
    expect(headers["authorization"]).toBe(`Bearer ${token}`);
  });

  test("stands for the client that had it made, with that client's limits", async () => {
    const clients = [
      { name: "app", token: "kc-app", limits: { concurrency: 1 } },
      { name: "else", token: "kc-else" },
    ];
    await using it = await stage(KEYS, { config: { clients } });
    const { bearer } = await mint(it, { authorization: "Bearer kc-app" });
    const client = await open(it.proxy, "/v1/realtime", { headers: bearer });
    expect(await refused(it.proxy, "/v1/realtime", { headers: bearer })).toMatchObject({ status: 429 });
    client.socket.close();
    expect(await it.proxy.logged(({ status }) => status === 101)).toMatchObject({
      client: "app",
      model: "gpt-realtime",
    });
  });

  test("opens nothing but realtime sessions", async () => {
    await using it = await stage(KEYS, { config: { clients: [{ token: "kc-app" }] } });
    const { bearer } = await mint(it, { authorization: "Bearer kc-app" });
    const received = it.simulator.counts().received;
    expect(
      (await it.proxy.post("/v1/chat/completions", { model: "gpt-4o", messages: [] }, bearer)).status,
    ).toBe(401);
    expect((await it.proxy.post("/v1/realtime/client_secrets", SESSION, bearer)).status).toBe(401);
    expect(it.simulator.counts().received).toBe(received);
  });

  test("of unknown origin is refused, also where anybody may use the proxy", async () => {
    await using it = await stage(KEYS);
    const answer = await refused(it.proxy, "/v1/realtime", {
      headers: { authorization: "Bearer ek_elsewhere" },
    });
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([401, "unknown_ephemeral_token"]);
    expect(it.simulator.counts().received).toBe(0);
  });

  test("that its provider refuses says nothing of the key", async () => {
    await using it = await stage(KEYS.slice(0, 1));
    const { token, bearer } = await mint(it);
    it.simulator.addKey({ secret: token, fault: { kind: "dead" } });
    expect(await refused(it.proxy, "/v1/realtime", { headers: bearer })).toMatchObject({ status: 401 });
    it.simulator.setFault(token, { kind: "error-as-first-event", code: "dead" });
    const client = await open(it.proxy, "/v1/realtime", { headers: bearer });
    expect(await client.json()).toMatchObject({ type: "error", error: { code: "invalid_api_key" } });
    expect((await client.ended).code).toBe(3000);
    expect((await mint(it)).key).toBe("first");
  });

  test("outlives a reload, but not its key", async () => {
    await using it = await stage(KEYS.slice(0, 1));
    const { bearer } = await mint(it);
    const reload = async (config: object) => {
      const reloads = () => it.proxy.output.split("The configuration was reloaded").length;
      const before = reloads();
      await Bun.write(it.proxy.configPath, JSON.stringify(config));
      await it.proxy.until(() => (reloads() > before ? true : undefined));
    };
    const key = (secret: string, name: string) => ({ key: secret, name, url: it.simulator.url });
    await reload({ apiKeys: [key(A, "renamed"), key(B, "other")] });
    const client = await open(it.proxy, "/v1/realtime", { headers: bearer });
    expect(client.headers["x-keycycle-key"]).toBe("renamed");
    await reload({ apiKeys: [key(B, "other")] });
    expect(await refused(it.proxy, "/v1/realtime", { headers: bearer })).toMatchObject({ status: 401 });
  });

  test("is made for a model that a key serves, whatever its session says it in", async () => {
    const serves = [["gpt-realtime"], ["whisper-9"]];
    await using it = await stage(KEYS.map((key, index) => ({ ...key, serves: serves[index]! })));
    expect((await mint(it)).key).toBe("first");
    const transcription = {
      type: "transcription",
      audio: { input: { transcription: { model: "whisper-9" } } },
    };
    expect((await mint(it, {}, { session: transcription })).key).toBe("other");
  });
});

describe("a call over WebRTC", () => {
  const SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n";

  async function call(it: Stage, init: { headers?: Record<string, string>; body: FormData | string }) {
    return await fetch(`${it.proxy.url}/v1/realtime/calls`, { method: "POST", ...init });
  }

  function form(session: object): FormData {
    const body = new FormData();
    body.set("sdp", SDP);
    body.set("session", JSON.stringify(session));
    return body;
  }

  test("with a client secret goes to the key that made it", async () => {
    await using it = await stage(KEYS);
    for (let count = 0; count < 4; count += 1) {
      const { token, key, bearer } = await mint(it);
      const answer = await call(it, { headers: { ...bearer, "content-type": "application/sdp" }, body: SDP });
      expect([answer.status, answer.headers.get("x-keycycle-key")]).toEqual([201, key]);
      expect(await answer.text()).toStartWith("v=0");
      expect(it.simulator.requests.at(-1)?.headers["authorization"]).toBe(`Bearer ${token}`);
    }
  });

  test("with its session in a form goes to a key that serves the model, or the alias", async () => {
    const serves = [["gpt-realtime"], ["gpt-realtime-mini"]];
    const keys = KEYS.map((key, index) => ({ ...key, serves: serves[index]! }));
    await using it = await stage(keys, { config: { aliases: { voice: "gpt-realtime-mini" } } });
    for (const [model, key] of [
      ["gpt-realtime", "first"],
      ["gpt-realtime-mini", "other"],
      ["voice", "other"],
    ]) {
      const answer = await call(it, { body: form({ type: "realtime", model }) });
      expect([answer.status, answer.headers.get("x-keycycle-key")]).toEqual([201, key!]);
    }
    const sent = Buffer.from(it.simulator.requests.at(-1)!.body).toString();
    expect(sent).toContain('{"type":"realtime","model":"gpt-realtime-mini"}');
    expect(sent).toContain(SDP);
  });

  test("stays with its key in all that names it afterwards", async () => {
    await using it = await stage(KEYS);
    for (let count = 0; count < 4; count += 1) {
      const answer = await call(it, { body: form({ type: "realtime", model: "gpt-realtime" }) });
      const id = answer.headers.get("location")?.split("/").at(-1);
      const key = answer.headers.get("x-keycycle-key");
      const hangup = await it.proxy.post(`/v1/realtime/calls/${id}/hangup`, {});
      expect(hangup.headers.get("x-keycycle-key")).toBe(key);
      const beside = await open(it.proxy, `/v1/realtime?call_id=${id}`);
      expect(beside.headers["x-keycycle-key"]).toBe(key!);
      expect(it.simulator.requests.at(-1)?.secret).toBe(key === "first" ? A : B);
    }
  });

  test("for a model that the client may not use is refused", async () => {
    const config = { clients: [{ token: "kc-small", models: ["gpt-small"] }] };
    await using it = await stage(KEYS, { config });
    const headers = { authorization: "Bearer kc-small" };
    const session = { type: "realtime", model: "gpt-realtime" };
    expect((await call(it, { headers, body: form(session) })).status).toBe(403);
    expect((await it.proxy.post("/v1/realtime/client_secrets", { session }, headers)).status).toBe(403);
    const twice = '{"session":{"model":"gpt-small","model":"gpt-realtime"}}';
    expect((await it.proxy.post("/v1/realtime/client_secrets", twice, headers)).status).toBe(400);
    expect(it.simulator.counts().received).toBe(0);
  });
});

test("a token of Google's opens a Live session at the key that made it", async () => {
  const keys = KEYS.map((key) => ({ ...key, provider: "gemini" as const }));
  await using it = await stage(keys);
  for (let count = 0; count < 4; count += 1) {
    const body = { uses: 1, bidiGenerateContentSetup: { model: "models/gemini-live" } };
    const answer = await it.proxy.post("/v1alpha/auth_tokens", body, { "x-goog-api-key": "unused" });
    const { name } = (await answer.json()) as { name: string };
    const client = await open(it.proxy, `${LIVE}?access_token=${name}`);
    client.socket.send(JSON.stringify({ setup: { model: "models/gemini-live" } }));
    expect(await client.json()).toEqual({ setupComplete: {} });
    const { path, headers } = it.simulator.requests.at(-1)!;
    expect([path, headers["authorization"], headers["x-goog-api-key"]]).toEqual([
      LIVE,
      `Token ${name}`,
      undefined!,
    ]);
    client.socket.close();
    await it.proxy.until(() => it.proxy.log.filter(({ status }) => status === 101)[count]);
    expect(it.proxy.log.findLast(({ status }) => status === 101)?.key).toBe(
      answer.headers.get("x-keycycle-key")!,
    );
  }
});
