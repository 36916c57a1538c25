import { describe, expect, test } from "bun:test";

import { CHAT, stage, type Stage } from "./harness.ts";
import { request, sendRaw } from "./raw.ts";

const APP = "https://app.example.com";

async function get(it: Stage, headers: Readonly<Record<string, string | undefined>>) {
  const all = { Host: new URL(it.proxy.url).host, ...headers };
  const before = it.simulator.requests.length;
  const answer = await sendRaw(it.proxy.url, request("GET /v1/models HTTP/1.1", all));
  return { ...answer, forwarded: it.simulator.requests.length > before };
}

describe("without clients", () => {
  test.each([
    { is: "a Host that was rebound", headers: { Host: "evil.example" }, says: 'Host \\"evil.example\\"' },
    { is: "a Host that only looks like loopback", headers: { Host: "localhost.evil.example" }, says: "Host" },
    {
      is: "a loopback address with a name behind it",
      headers: { Host: "127.0.0.1.evil.example" },
      says: "Host",
    },
    { is: "an empty Host", headers: { Host: "" }, says: "Host" },
    { is: "a page of another origin", headers: { Origin: APP }, says: "server.cors" },
    { is: "a page of another port", headers: { Origin: "http://localhost:1" }, says: "server.cors" },
    { is: "a page without an origin", headers: { Origin: "null" }, says: "server.cors" },
    {
      is: "a cross-site request without Origin",
      headers: { "Sec-Fetch-Site": "cross-site" },
      says: "server.cors",
    },
  ])("$is is refused and not forwarded", async ({ headers, says }) => {
    await using it = await stage([{ secret: "sk-1" }]);
    const answer = await get(it, headers);
    expect(answer).toMatchObject({ status: 403, forwarded: false });
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "forbidden_origin" } });
    expect(answer.body).toContain(says);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect((await it.proxy.post("/v1/chat/completions", CHAT)).status).toBe(200);
  });

  test.each([
    { headers: { Host: "localhost" } },
    { headers: { Host: "LOCALHOST:3456" } },
    { headers: { Host: "[::1]:3456" } },
    { headers: { Host: "127.1.2.3" } },
    { headers: { Host: "proxy.lan" } },
    { headers: { Host: "localhost:9", Origin: "http://localhost:9" } },
    { headers: { "Sec-Fetch-Site": "none" } },
    { headers: { "Sec-Fetch-Site": "same-origin" } },
  ])("$headers is served", async ({ headers }) => {
    await using it = await stage([{ secret: "sk-1" }], { config: { server: { hostnames: ["proxy.lan"] } } });
    expect(await get(it, headers)).toMatchObject({ status: 200, forwarded: true });
  });
});

async function preflight(it: Stage, origin: string): Promise<Response> {
  return await fetch(`${it.proxy.url}/v1/chat/completions`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });
}

describe("server.cors", () => {
  const config = { server: { cors: [APP] } };

  test("answers an allowed page's preflight itself", async () => {
    await using it = await stage([{ secret: "sk-1" }], { config });
    const response = await preflight(it, APP);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(APP);
    expect(response.headers.get("access-control-allow-methods")).toBe("POST");
    expect(response.headers.get("access-control-allow-headers")).toBe("authorization,content-type");
    expect(response.headers.get("vary")).toContain("Origin");
    expect(it.simulator.requests).toHaveLength(0);
  });

  test("lets an allowed page read answers, streams and errors", async () => {
    await using it = await stage([{ secret: "sk-1", serves: [CHAT.model] }], { config });
    const path = "/v1/chat/completions";
    for (const body of [CHAT, { ...CHAT, stream: true }, { ...CHAT, model: "none" }, "{"]) {
      const response = await it.proxy.post(path, body, { origin: APP });
      expect(response.headers.get("access-control-allow-origin")).toBe(APP);
      await response.text();
    }
  });

  test("refuses every other page, its preflight too", async () => {
    await using it = await stage([{ secret: "sk-1" }], { config });
    const other = "https://app.example.com.evil.example";
    const answers = [
      await preflight(it, other),
      await it.proxy.post("/v1/chat/completions", CHAT, { origin: other }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(403);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
    expect(it.simulator.requests).toHaveLength(0);
  });

  test("with clients, an allowed page's preflight needs no token, its request does", async () => {
    const clients = [{ name: "page", token: "token-page" }];
    await using it = await stage([{ secret: "sk-1" }], { config: { ...config, clients } });
    const path = "/v1/chat/completions";
    expect((await preflight(it, APP)).status).toBe(204);
    const without = await it.proxy.post(path, CHAT, { origin: APP });
    const with_ = await it.proxy.post(path, CHAT, { origin: APP, authorization: "Bearer token-page" });
    expect([without.status, with_.status]).toEqual([401, 200]);
    // The page must be able to read why.
    expect(without.headers.get("access-control-allow-origin")).toBe(APP);
  });
});
