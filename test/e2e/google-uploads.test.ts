import { describe, expect, test } from "bun:test";

import { Proxy, type Stage, stage } from "./harness.ts";
import { fourKeys, gemini } from "./sdk-clients.ts";

const CLIENTS = {
  config: {
    clients: [
      { name: "app", token: "token-app" },
      { name: "web", token: "token-web" },
    ],
  },
};

/** Begins an upload as any SDK of Google's does; the URL to which its bytes are to be sent. */
async function begin({ proxy }: Pick<Stage, "proxy">, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${proxy.url}/upload/v1beta/files`, {
    method: "POST",
    headers: {
      "x-goog-upload-protocol": "resumable",
      "x-goog-upload-command": "start",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify({ file: { mimeType: "text/plain" } }),
  });
  expect(answer.status).toBe(200);
  const url = answer.headers.get("x-goog-upload-url") ?? "";
  expect(answer.headers.get("x-goog-upload-control-url")).toBe(url);
  return url;
}

/** Sends a part as Google's Python SDK does: without a key. */
async function send(url: string, part: string, command = "upload", offset = 0): Promise<Response> {
  const headers = { "x-goog-upload-command": command, "x-goog-upload-offset": String(offset) };
  return await fetch(url, { method: "POST", headers, body: Buffer.from(part) });
}

describe("an upload to Google", () => {
  test("in parts comes back through here, each to the key that began it", async () => {
    await using it = await stage(fourKeys("gemini"));
    const url = await begin(it);
    expect(url).toStartWith(`${it.proxy.url}/upload/v1beta/files?upload_id=`);
    const first = await send(url, "hello ");
    expect([first.status, first.headers.get("x-goog-upload-status")]).toEqual([200, "active"]);
    const last = await send(url, "world", "upload, finalize", 6);
    const { file } = (await last.json()) as { file: { name: string; sizeBytes: string } };
    expect([last.headers.get("x-goog-upload-status"), file.sizeBytes]).toEqual(["final", "11"]);
    const got = await gemini(it).files.get({ name: file.name });
    expect(got.name).toBe(file.name);
    expect(new Set(it.simulator.requests.map(({ secret }) => secret)).size).toBe(1);
  });

  test("of a client needs no token behind its start, and no other client's will do for it", async () => {
    await using it = await stage(fourKeys("gemini"), CLIENTS);
    const url = await begin(it, { "x-goog-api-key": "token-app" });
    const withoutPass = url.replace(/&key=.*$/, "");
    expect((await send(withoutPass, "hello", "upload, finalize")).status).toBe(401);
    expect((await send(url, "hello", "upload, finalize")).status).toBe(200);
    const pass = /key=(.*)$/.exec(url)?.[1] ?? "";
    expect(pass).not.toContain("token-app");
    for (const path of ["/v1beta/files", "/v1beta/models", "/upload/v1beta/files?upload_id=other"]) {
      const answer = await fetch(`${it.proxy.url}${path}${path.includes("?") ? "&" : "?"}key=${pass}`);
      expect([path, answer.status]).toEqual([path, 401]);
    }
    // It is a matter between the client and KeyCycle.
    expect(it.simulator.requests.filter(({ path }) => path.includes("key="))).toEqual([]);
  });

  test("leads to the address by which its client has come, through a proxy of its own", async () => {
    await using it = await stage(fourKeys("gemini"));
    const forwarded = { "x-forwarded-proto": "https", "x-forwarded-host": "llm.example.com" };
    expect(await begin(it, forwarded)).toStartWith("https://llm.example.com/upload/v1beta/files?upload_id=");
    const bad = { "x-forwarded-proto": "javascript", "x-forwarded-host": "a/b" };
    expect(await begin(it, bad)).toStartWith(`${it.proxy.url}/upload/`);
  });

  test("that nobody began is the provider's to refuse", async () => {
    await using it = await stage(fourKeys("gemini"));
    const answer = await send(`${it.proxy.url}/upload/v1beta/files?upload_id=made-up`, "hello");
    expect(answer.status).toBe(404);
    expect(it.simulator.requests).toHaveLength(4);
  });
});

test("an upload URL that repeats the key gives the client its own pass in place of it", async () => {
  const secret = "AIza-secret-in-an-upload-url";
  const upstream = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request, { port }) {
      if (request.headers.get("x-goog-upload-command") !== "start") return Response.json({ file: {} });
      const url = `http://127.0.0.1:${port}/upload/v1beta/files?key=${secret}&upload_id=abc`;
      const headers = { "x-goog-upload-url": url, "x-goog-upload-control-url": url };
      return new Response(null, { headers });
    },
  });
  const url = `http://127.0.0.1:${upstream.port}`;
  const apiKeys = [{ key: secret, provider: "gemini", url, models: ["others"] }];
  const proxy = await Proxy.start({ apiKeys, ...CLIENTS.config });
  try {
    const shown = await begin({ proxy }, { "x-goog-api-key": "token-app" });
    expect(shown).not.toContain(secret);
    expect((await send(shown, "hello", "upload, finalize")).status).toBe(200);
  } finally {
    proxy.process.kill("SIGKILL");
    await proxy.process.exited;
    await upstream.stop(true);
  }
});
