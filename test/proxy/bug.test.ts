import { describe, expect, test } from "bun:test";
import { WebSocket } from "ws";

import { Log } from "../../src/observe/log.ts";
import type { RequestRecord } from "../../src/observe/records.ts";
import { listen } from "../../src/proxy/listen.ts";
import { createRuntime, type Runtime } from "../../src/proxy/runtime.ts";
import { configWith } from "./config-with.ts";

/** Keeps what it is told. */
class Told extends Log {
  readonly requests: RequestRecord[] = [];
  readonly messages: string[] = [];

  override request(record: RequestRecord): void {
    this.requests.push(record);
  }

  override message(...said: Parameters<Log["message"]>): void {
    this.messages.push(JSON.stringify(said));
  }
}

/** A proxy in this process of which one part is broken. */
function brokenProxy(breakIt: (runtime: Runtime) => void) {
  const origin = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, server) =>
      server.upgrade(request) ? undefined : Response.json({ id: "one", choices: [] }),
    websocket: {
      open: (socket) => void socket.send("hello"),
      message: (socket, message) => void socket.send(message),
    },
  });
  const url = origin.url.origin;
  const config = configWith({
    clients: [{ name: "app", token: "kc-app" }],
    keys: (["openai", "anthropic", "gemini"] as const).map((provider) => ({ name: provider, provider, url })),
  });
  const runtime = createRuntime(config);
  breakIt(runtime);
  const log = new Told();
  const server = listen({ runtime, draining: false, killed: false }, log, "127.0.0.1", 0);
  return {
    runtime,
    log,
    url: server.url.origin,
    [Symbol.dispose]() {
      void server.stop(true);
      void origin.stop(true);
    },
  };
}

const SECRET = "sk-secret-0000-0000";

function fail(): never {
  throw new TypeError(`cannot read ${SECRET}`);
}

const STAGES: readonly (readonly [string, (runtime: Runtime) => void])[] = [
  ["who sends it is looked for", ({ clients }) => Object.assign(clients[0]!, { tokenHash: undefined })],
  ["its tokens are estimated", ({ tokenTrends }) => Object.assign(tokenTrends, { estimate: fail })],
  ["a key is picked", (runtime) => Object.assign(runtime, { strategy: fail })],
  ["a key is picked and its room reserved", breakProvider({ placeCredential: fail })],
  ["the answer has begun", breakProvider({ readLimits: fail })],
];

function breakProvider(broken: object): (runtime: Runtime) => void {
  return ({ keys }) => {
    for (const key of keys) Object.assign(key, { provider: { ...key.provider, ...broken } });
  };
}

function expectNothingHeld({ keys, clients }: Runtime): void {
  expect(keys.map(({ state }) => state.inFlight)).toEqual(keys.map(() => 0));
  expect(clients.map(({ allowance }) => allowance.inFlight)).toEqual([0]);
}

describe.each(STAGES)("a bug that shows when %s", (_name, breakIt) => {
  test.each([
    ["/v1/chat/completions", { error: { type: "server_error", code: "internal_error" } }],
    ["/v1/messages", { type: "error", error: { type: "api_error" } }],
    ["/v1beta/models/m:generateContent", { error: { code: 500, status: "INTERNAL" } }],
  ])("is told in the form of the client's API, and keeps no room taken: %s", async (path, body) => {
    using it = brokenProxy(breakIt);
    const headers = { authorization: "Bearer kc-app", "content-type": "application/json" };
    const answer = await fetch(it.url + path, { method: "POST", headers, body: '{"model":"m"}' });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject(body);
    expectNothingHeld(it.runtime);
    expect(it.log.requests).toMatchObject([{ path, status: 500, error: "internal_error" }]);
    expect(it.log.messages.filter((line) => line.includes("inside KeyCycle"))).toHaveLength(1);
    expect(it.log.messages.join()).not.toContain(SECRET);
  });
});

test("a bug in a session ends that session with 1011, and no other", async () => {
  using it = brokenProxy(breakProvider({ classify: fail }));
  const open = async () => {
    const headers = { authorization: "Bearer kc-app" };
    const socket = new WebSocket(`${it.url.replace("http", "ws")}/v1/sockets?model=m`, { headers });
    expect(await next(socket)).toBe("hello");
    return socket;
  };
  const other = await open();
  const socket = await open();
  const closed = new Promise((resolve) => socket.once("close", (code) => resolve(code)));
  socket.send('{"error":{"message":"stumble"}}');
  expect(await closed).toBe(1011);
  expect(it.log.messages.join()).not.toContain(SECRET);
  expect(it.log.requests).toMatchObject([
    { status: 101, error: "internal_error", session: { closeCode: 1011, endedBy: "keycycle" } },
  ]);
  other.send("still there");
  expect(await next(other)).toBe("still there");
  expect(it.runtime.clients[0]?.allowance.inFlight).toBe(1);
  other.terminate();
});

async function next(socket: WebSocket): Promise<string> {
  return await new Promise((resolve) => socket.once("message", (data) => resolve(String(data))));
}
