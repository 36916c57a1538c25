import { describe, expect, test } from "bun:test";

import type { KeyConfig } from "../../src/config/config.ts";
import { askProvider } from "../../src/proxy/ask-provider.ts";
import { createRuntime } from "../../src/proxy/runtime.ts";
import type { Verdict } from "../../src/rotation/comeback.ts";
import { configWith } from "./config-with.ts";

const SECRET = "sk-secret-aaaa";
const TIMEOUTS = { connectMs: 5_000, firstByteMs: 5_000, idleMs: 5_000 };

/** The verdict on a key at an upstream that the test plays, and what the upstream was asked. */
async function ask(
  answer: (request: Request, hasKey: boolean) => Response | Promise<Response>,
  { path = "", ...fields }: Partial<KeyConfig> & { readonly path?: string } = {},
  timeouts = TIMEOUTS,
): Promise<{ verdict: Verdict; asked: { target: string; headers: Record<string, string> }[] }> {
  const asked: { target: string; headers: Record<string, string> }[] = [];
  using upstream = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const headers = Object.fromEntries(request.headers);
      asked.push({ target: request.url.slice(upstream.url.origin.length), headers });
      return answer(request, JSON.stringify(headers).includes(SECRET));
    },
  });
  const key = { name: "key", secret: SECRET, url: upstream.url.origin + path, ...fields };
  const [upstreamKey] = createRuntime(configWith({ keys: [key] })).keys;
  if (upstreamKey === undefined) throw new Error("The configuration has a key");
  const { verdict } = await askProvider(upstreamKey, timeouts, new AbortController());
  return { verdict, asked };
}

const list = () => Response.json({ data: [] });
const refuse = (status = 401) => Response.json({ error: { message: "No" } }, { status });

describe("a provider is asked", () => {
  test.each<[KeyConfig["provider"], string, string, Record<string, string>]>([
    ["openai", "", "/v1/models", { authorization: `Bearer ${SECRET}` }],
    ["openai", "/v1", "/v1/models", { authorization: `Bearer ${SECRET}` }],
    ["groq", "/openai/v1", "/openai/v1/models", { authorization: `Bearer ${SECRET}` }],
    ["openrouter", "/api/v1", "/api/v1/key", { authorization: `Bearer ${SECRET}` }],
    ["anthropic", "", "/v1/models?limit=1", { "x-api-key": SECRET, "anthropic-version": "2023-06-01" }],
    ["gemini", "", "/v1beta/models?pageSize=1", { "x-goog-api-key": SECRET }],
    ["gemini", "/v1beta/openai", "/v1beta/openai/models", { authorization: `Bearer ${SECRET}` }],
    ["azure", "", "/openai/models?api-version=2024-10-21", { "api-key": SECRET }],
    ["azure", "/openai", "/openai/models?api-version=2024-10-21", { "api-key": SECRET }],
    ["azure", "/openai/v1", "/openai/v1/models", { "api-key": SECRET }],
    ["compatible", "", "/v1/models", { authorization: `Bearer ${SECRET}`, "x-api-key": SECRET }],
  ])("%s with a base path of %p: %s", async (provider, path, target, headers) => {
    const { verdict, asked } = await ask((_request, hasKey) => (hasKey ? list() : refuse()), {
      provider,
      path,
    });
    expect(verdict).toBe("taken");
    expect(asked[0]).toMatchObject({ target, headers });
    expect(asked[1]?.target).toBe(target);
    expect(JSON.stringify(asked[1])).not.toContain(SECRET);
  });

  test("with the key's own headers", async () => {
    const { asked } = await ask(() => refuse(), { headers: { "openai-organization": "org-1" } });
    expect(asked).toMatchObject([{ headers: { "openai-organization": "org-1" } }]);
  });

  test("through the key's own proxy", async () => {
    const targets: string[] = [];
    using outbound = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        targets.push(request.url);
        return request.headers.has("authorization") ? list() : refuse();
      },
    });
    const url = "http://upstream.invalid/v1";
    const { verdict } = await ask(list, { url, proxy: outbound.url.origin });
    expect(verdict).toBe("taken");
    expect(targets).toEqual(["http://upstream.invalid/v1/models", "http://upstream.invalid/v1/models"]);
  });
});

describe("the verdict", () => {
  test.each([401, 403])("is that a key is refused where the answer is %d", async (status) => {
    const { verdict, asked } = await ask(() => refuse(status));
    expect(verdict).toBe("refused");
    expect(asked).toHaveLength(1);
  });

  test("is none where the list is for everyone, or there is no list", async () => {
    expect((await ask(list)).verdict).toBe("untold");
    expect((await ask(() => refuse(404))).verdict).toBe("untold");
  });

  test.each<[string, () => Response | Promise<Response>]>([
    ["fails", () => refuse(502)],
    ["is limited", () => refuse(429)],
    ["does not answer", () => new Promise<Response>(() => {})],
  ])("is that there was trouble where the provider %s", async (_, answer) => {
    expect((await ask(answer, {}, { ...TIMEOUTS, firstByteMs: 200 })).verdict).toBe("trouble");
  });

  test("is that there was trouble where the provider fails when it is asked without the key", async () => {
    expect((await ask((_request, hasKey) => (hasKey ? list() : refuse(500)))).verdict).toBe("trouble");
  });

  test("is that there was trouble where nobody listens", async () => {
    expect((await ask(list, { url: "http://127.0.0.1:1" })).verdict).toBe("trouble");
  });

  test("does not need the whole of a list that goes on and on", async () => {
    const endless = () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            controller.enqueue(new Uint8Array(65_536).fill(0x20));
          },
        }),
      );
    expect((await ask((_request, hasKey) => (hasKey ? endless() : refuse()))).verdict).toBe("taken");
  });
});
