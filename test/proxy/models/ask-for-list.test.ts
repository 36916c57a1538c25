import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";

import type { KeyConfig } from "../../../src/config/config.ts";
import type { Api } from "../../../src/providers/api.ts";
import { askForList, type ListResult } from "../../../src/proxy/models/ask-for-list.ts";
import { createRuntime } from "../../../src/proxy/runtime.ts";
import { RawUpstream } from "../../e2e/raw-upstream.ts";
import { configWith } from "../config-with.ts";

const SECRET = "sk-secret-aaaa";
const TIMEOUTS = { connectMs: 5_000, firstByteMs: 5_000, idleMs: 5_000 };

interface Asked {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What came of asking an upstream that the test plays, and what it was asked. */
async function ask(
  answer: (request: Request) => Response | Promise<Response>,
  { api = "openai", path = "", ...fields }: Partial<KeyConfig> & { api?: Api; path?: string } = {},
): Promise<{ result: ListResult; asked: Asked[] }> {
  const asked: Asked[] = [];
  using upstream = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    fetch(request) {
      const { pathname, search } = new URL(request.url);
      asked.push({ target: pathname + search, headers: Object.fromEntries(request.headers) });
      return answer(request);
    },
  });
  const config = { name: "key", secret: SECRET, url: upstream.url.origin + path, ...fields };
  const [key] = createRuntime(configWith({ keys: [config] })).keys;
  if (key === undefined) throw new Error("The configuration has a key");
  const result = await askForList(key, key.provider.modelList(api, key.config), TIMEOUTS);
  return { result, asked };
}

const ids = (result: ListResult) => (result.kind === "listed" ? [...result.models.keys()] : result.reason);
const list = (...names: string[]) => Response.json({ object: "list", data: names.map((id) => ({ id })) });
const BEARER = { authorization: `Bearer ${SECRET}` };

describe("the models behind a key are asked for", () => {
  test.each<[KeyConfig["provider"], Api, string, string, Record<string, string>]>([
    ["openai", "openai", "", "/v1/models", BEARER],
    ["openai", "openai", "/v1", "/v1/models", BEARER],
    ["openrouter", "anthropic", "/api/v1", "/api/v1/models", BEARER],
    ["groq", "azure", "/openai/v1", "/openai/v1/models", BEARER],
    ["anthropic", "openai", "", "/v1/models?limit=1000", { "x-api-key": SECRET }],
    ["anthropic", "anthropic", "/v1", "/v1/models?limit=1000", { "anthropic-version": "2023-06-01" }],
    ["gemini", "gemini", "", "/v1beta/models?pageSize=1000", { "x-goog-api-key": SECRET }],
    ["gemini", "gemini", "/v1beta", "/v1beta/models?pageSize=1000", { "x-goog-api-key": SECRET }],
    ["gemini", "gemini", "/v1", "/v1/models?pageSize=1000", { "x-goog-api-key": SECRET }],
    ["gemini", "gemini-openai", "", "/v1beta/openai/models", BEARER],
    ["gemini", "openai", "/v1beta/openai", "/v1beta/openai/models", BEARER],
    ["azure", "azure", "", "/openai/models?api-version=2024-10-21", { "api-key": SECRET }],
    ["azure", "openai", "/openai/v1", "/openai/v1/models", { "api-key": SECRET }],
    ["compatible", "openai", "/v1", "/v1/models", { ...BEARER, "x-api-key": SECRET }],
    [
      "compatible",
      "anthropic",
      "",
      "/v1/models?limit=1000",
      { ...BEARER, "anthropic-version": "2023-06-01" },
    ],
    ["compatible", "gemini", "", "/v1beta/models?pageSize=1000", { "x-goog-api-key": SECRET }],
    ["compatible", "gemini-openai", "", "/v1beta/openai/models", BEARER],
    ["compatible", "azure", "", "/openai/models?api-version=2024-10-21", { "api-key": SECRET }],
  ])("%s, for clients of %s, with a base path of %p: %s", async (provider, api, path, target, headers) => {
    const { result, asked } = await ask(() => list("a"), { provider, api, path });
    expect(asked).toEqual([{ target, headers: expect.objectContaining(headers) }]);
    expect(ids(result)).toEqual(["a"]);
  });

  test("with the key's own headers", async () => {
    const { asked } = await ask(() => list(), { headers: { "openai-organization": "org-1" } });
    expect(asked[0]?.headers).toMatchObject({ "openai-organization": "org-1" });
  });

  test("page after page, as Anthropic has them", async () => {
    const { result, asked } = await ask(
      (request) => {
        const after = new URL(request.url).searchParams.get("after_id");
        const id = after === null ? "a" : "b & c";
        return Response.json({ data: [{ type: "model", id }], has_more: after === null, last_id: id });
      },
      { provider: "anthropic" },
    );
    expect(ids(result)).toEqual(["a", "b & c"]);
    expect(asked.map(({ target }) => target)).toEqual([
      "/v1/models?limit=1000",
      "/v1/models?limit=1000&after_id=a",
    ]);
  });

  test("page after page, as Google has them", async () => {
    const { result } = await ask(
      (request) =>
        new URL(request.url).searchParams.get("pageToken") === "t=1"
          ? Response.json({ models: [{ name: "models/b" }] })
          : Response.json({ models: [{ name: "models/a" }], nextPageToken: "t=1" }),
      { provider: "gemini", api: "gemini" },
    );
    expect(ids(result)).toEqual(["a", "b"]);
  });

  test("no longer than for twenty pages, where they never end", async () => {
    const { result, asked } = await ask(() =>
      Response.json({ data: [{ id: "a" }], has_more: true, last_id: "a" }),
    );
    expect(ids(result)).toEqual(["a"]);
    expect(asked).toHaveLength(20);
  });

  test("compressed, and in chunks", async () => {
    const zipped = gzipSync(JSON.stringify({ data: [{ id: "zipped" }] }));
    const chunks = async function* () {
      yield zipped.subarray(0, 9);
      yield zipped.subarray(9);
    };
    const { result } = await ask(() => new Response(chunks(), { headers: { "content-encoding": "gzip" } }));
    expect(ids(result)).toEqual(["zipped"]);
  });
});

describe("no list comes of", () => {
  test.each<[string, () => Response, string, string]>([
    ["a page of HTML", () => new Response("<html>"), "HTTP 200 without a list of models", "client-error"],
    [
      "a redirect",
      () => Response.redirect("http://elsewhere.invalid/"),
      "HTTP 302 without a list of models",
      "client-error",
    ],
    ["a path that is not there", () => new Response("", { status: 404 }), "HTTP 404", "client-error"],
    [
      "a refused key",
      () => Response.json({ error: { code: "invalid_api_key" } }, { status: 401 }),
      "HTTP 401",
      "dead",
    ],
    ["a limit", () => new Response("", { status: 429 }), "HTTP 429", "limited"],
    ["an outage", () => new Response("", { status: 502 }), "HTTP 502", "upstream-failure"],
  ])("%s", async (_, answer, reason, kind) => {
    const { result } = await ask(answer);
    expect(result).toMatchObject({ kind: "failed", reason, outcome: { kind } });
  });

  test("a body that breaks off", async () => {
    await using upstream = await RawUpstream.start(({ socket }) => {
      socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n{"data":[{\r\n');
    });
    const { result } = await ask(() => list(), { url: upstream.url });
    expect(result.kind).toBe("failed");
  });

  test("an upstream that is not there", async () => {
    const { result } = await ask(() => list(), { url: "http://127.0.0.1:1" });
    expect(result).toMatchObject({ kind: "failed", outcome: { kind: "upstream-failure" } });
  });
});
