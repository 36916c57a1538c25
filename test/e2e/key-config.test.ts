import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { front } from "./front.ts";
import { CHAT, stage } from "./harness.ts";

describe("a client's models", () => {
  const config = {
    clients: [
      { name: "small", token: "token-small", models: ["*-mini", "claude-haiku-4-5", "gemini-*"] },
      { name: "all", token: "token-all" },
    ],
  };

  test.each([
    { token: "token-small", model: "gpt-4o-mini", status: 200 },
    { token: "token-small", model: "gpt-4o", status: 403 },
    { token: "token-all", model: "gpt-4o", status: 200 },
  ])("$token may ask for $model: $status", async ({ token, model, status }) => {
    await using it = await stage([{ secret: "sk-1", provider: "openai" }], { config });
    const headers = { authorization: `Bearer ${token}` };
    const response = await it.proxy.post("/v1/chat/completions", { ...CHAT, model }, headers);
    expect(response.status).toBe(status);
    expect(it.simulator.requests).toHaveLength(status === 200 ? 1 : 0);
  });

  test("refuse the others in the words of each API", async () => {
    await using it = await stage([{ secret: "sk-1" }], { config });
    const headers = { authorization: "Bearer token-small" };
    const openai = await it.proxy.post("/v1/chat/completions", { ...CHAT, model: "o3" }, headers);
    const anthropic = await it.proxy.post("/v1/messages", { ...CHAT, model: "o3", max_tokens: 1 }, headers);
    const gemini = await it.proxy.post("/v1beta/models/o3:generateContent", { contents: [] }, headers);
    const azure = await it.proxy.post("/openai/deployments/o3/chat/completions", CHAT, headers);
    const fallback = { ...CHAT, model: "gpt-4o-mini", models: ["gpt-4o-mini", "o3"] };
    const further = await it.proxy.post("/v1/chat/completions", fallback, headers);
    expect(await further.json()).toMatchObject({ error: { code: "model_not_allowed" } });
    expect(await openai.json()).toMatchObject({ error: { code: "model_not_allowed", param: "model" } });
    expect(await anthropic.json()).toMatchObject({ type: "error", error: { type: "permission_error" } });
    expect(await gemini.json()).toMatchObject({ error: { code: 403, status: "PERMISSION_DENIED" } });
    expect(await azure.json()).toMatchObject({ error: { code: "model_not_allowed" } });
    expect(it.simulator.requests).toHaveLength(0);
  });
});

function modelFields(...models: readonly string[]): string {
  const parts = models.map(
    (model) => `--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}\r\n`,
  );
  return `${parts.join("")}--b--`;
}

describe("a client's models cannot be got around", () => {
  const config = { clients: [{ name: "small", token: "token-small", models: ["small"] }] };

  test.each([
    {
      by: "naming the model twice",
      path: "/v1/chat/completions",
      type: "application/json",
      body: '{"model":"small","model":"large"}',
    },
    {
      by: "naming it in another case",
      path: "/v1/chat/completions",
      type: "application/json",
      body: '{"Model":"large"}',
    },
    {
      by: "naming it twice in a form",
      path: "/v1/audio/transcriptions",
      type: "multipart/form-data; boundary=b",
      body: modelFields("small", "large"),
    },
    {
      by: "JSON that says it is none",
      path: "/v1/responses",
      type: "application/octet-stream",
      body: '{"model":"large"}',
    },
    {
      by: "JSON of no known type",
      path: "/v1/images/generations",
      type: "application/x-unknown",
      body: '{"model":"large"}',
    },
    {
      by: "an encoded colon in Gemini's path",
      path: "/v1beta/models/large%3AgenerateContent",
      type: "application/json",
      body: '{"contents":[]}',
    },
    {
      by: "an encoded letter in Gemini's path",
      path: "/v1beta/model%73/large:generateContent",
      type: "application/json",
      body: '{"contents":[]}',
    },
  ])("by $by", async ({ path, type, body }) => {
    await using it = await stage([{ secret: "sk-1" }], { config });
    const response = await it.proxy.post(path, body, { "content-type": type, "api-key": "token-small" });
    expect([400, 403]).toContain(response.status);
    expect(it.simulator.requests).toHaveLength(0);
  });
});

describe("many keys in one entry", () => {
  test.each([
    { as: "a list", keys: ["many-1", "many-2", "many-3"] },
    { as: "one text with commas and spaces", keys: "many-1, many-2\n  many-3" },
  ])("keys as $as share the rest and take turns", async ({ keys }) => {
    const secrets = ["many-1", "many-2", "many-3"].map((secret) => ({ secret }));
    await using it = await front(secrets, (url) => ({
      apiKeys: [{ name: "pool", keys, url, models: "gpt-*" }],
    }));
    const names: (string | null)[] = [];
    for (let sent = 0; sent < 3; sent += 1) {
      const response = await it.proxy.post("/v1/chat/completions", CHAT);
      names.push(response.headers.get("x-keycycle-key"));
    }
    expect(names).toEqual(["pool-1", "pool-2", "pool-3"]);
    expect(it.simulator.requests.map(({ secret }) => secret)).toEqual(["many-1", "many-2", "many-3"]);
  });

  test("keysFile holds one a line, with comments, and is watched", async () => {
    const directory = mkdtempSync(join(tmpdir(), "keycycle-keys-"));
    const keysFile = join(directory, "keys.txt");
    writeFileSync(keysFile, "# free tier\nfile-1\n\n  file-2  # the second\n", { mode: 0o600 });
    try {
      const secrets = ["file-1", "file-2", "file-3"].map((secret) => ({ secret }));
      await using it = await front(secrets, (url) => ({ apiKeys: [{ name: "pool", keysFile, url }] }));
      for (let sent = 0; sent < 2; sent += 1) await it.proxy.post("/v1/chat/completions", CHAT);
      expect(it.simulator.requests.map(({ secret }) => secret)).toEqual(["file-1", "file-2"]);

      writeFileSync(keysFile, "file-3\n", { mode: 0o600 });
      await it.proxy.logged(({ message }) => message === "The configuration was reloaded");
      await it.proxy.post("/v1/chat/completions", CHAT);
      expect(it.simulator.requests.at(-1)?.secret).toBe("file-3");
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe("headers", () => {
  test("the client's OpenAI-Organization and OpenAI-Project are dropped, others kept", async () => {
    await using it = await stage([{ secret: "sk-1", provider: "openai" }]);
    const headers = { "openai-organization": "org-client", "openai-project": "proj-client", "x-trace": "7" };
    await it.proxy.post("/v1/chat/completions", CHAT, headers);
    const sent = it.simulator.requests[0]?.headers ?? {};
    expect(sent["openai-organization"]).toBeUndefined();
    expect(sent["openai-project"]).toBeUndefined();
    expect(sent["x-trace"]).toBe("7");
  });

  test("a key's own are set on its requests only, over the client's", async () => {
    await using it = await front([{ secret: "sk-1" }, { secret: "sk-2" }], (url) => ({
      apiKeys: [
        { key: "sk-1", url, headers: { "OpenAI-Organization": "org-key", "X-Team": "research" } },
        { key: "sk-2", url },
      ],
    }));
    const headers = { "openai-organization": "org-client", "x-team": "client" };
    for (let sent = 0; sent < 2; sent += 1) await it.proxy.post("/v1/chat/completions", CHAT, headers);
    expect(
      it.simulator.requests.map(({ headers: seen }) => [seen["openai-organization"], seen["x-team"]]),
    ).toEqual([
      ["org-key", "research"],
      [undefined, "client"],
    ]);
  });

  test("a key's own may replace the credential's, for a gateway that wants another", async () => {
    await using it = await front([{ secret: "sk-1" }], (url) => ({
      apiKeys: [{ key: "sk-unused", url, headers: { Authorization: "Bearer sk-1" } }],
    }));
    expect((await it.proxy.post("/v1/chat/completions", CHAT)).status).toBe(200);
  });

  test("responseHeaders: false leaves the answer's as the upstream's", async () => {
    await using it = await stage([{ secret: "sk-1", provider: "openai" }], {
      config: { server: { responseHeaders: false } },
    });
    const response = await it.proxy.post("/v1/chat/completions", CHAT, { "x-request-id": "mine" });
    expect(response.headers.get("x-keycycle-key")).toBeNull();
    expect(response.headers.get("x-keycycle-attempts")).toBeNull();
    expect(response.headers.get("x-request-id")).toStartWith("req_");
  });
});
