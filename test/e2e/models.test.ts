import { describe, expect, test } from "bun:test";

import Anthropic, * as anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI, { AzureOpenAI, NotFoundError } from "openai";

import { front } from "./front.ts";
import { stage, type Stage, type StageKey } from "./harness.ts";
import { rawStage } from "./raw-upstream.ts";

const OPENAI: StageKey = { secret: "sk-openai", provider: "openai", models: ["gpt-4o", "gpt-5", "o3"] };
const CLAUDE: StageKey = {
  secret: "sk-claude",
  provider: "anthropic",
  models: ["claude-a", "claude-b", "claude-c"],
  serves: ["claude-*"],
};
const GEMINI: StageKey = {
  secret: "sk-gemini",
  provider: "gemini",
  models: ["gemini-a", "gemini-b", "gemma-c"],
  serves: ["gemini-*"],
};

interface OpenAiList {
  readonly data: readonly { readonly id: string }[];
}

async function idsAt(it: Pick<Stage, "proxy">, path = "/v1/models", headers: Record<string, string> = {}) {
  const response = await fetch(it.proxy.url + path, { headers });
  expect(response.status).toBe(200);
  const { data } = (await response.json()) as OpenAiList;
  return data.map(({ id }) => id);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function failure(attempt: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await attempt;
  } catch (error) {
    return error;
  }
}

const openAi = (it: Stage, path = "/v1") =>
  new OpenAI({ apiKey: "unused", baseURL: it.proxy.url + path, maxRetries: 0 });
const claude = (it: Stage, path = "") =>
  new Anthropic({ apiKey: "unused", baseURL: it.proxy.url + path, maxRetries: 0 });
const google = (it: Stage, path = "") =>
  new GoogleGenAI({ apiKey: "unused", httpOptions: { baseUrl: it.proxy.url + path } });

describe("an SDK lists the models of every key that speaks its API:", () => {
  const config = { aliases: { best: ["claude-b", "gpt-5"], small: "gemini-b" } };

  test("OpenAI's, Anthropic's keys included", async () => {
    await using it = await stage([OPENAI, CLAUDE, GEMINI], { config });
    const listed = await openAi(it).models.list();
    const ids = ["gpt-4o", "gpt-5", "o3", "claude-a", "claude-b", "claude-c", "best"];
    expect(listed.data.map(({ id }) => id)).toEqual(ids);
    expect(listed.data.every(({ object, created }) => object === "model" && created > 0)).toBe(true);
  });

  test.each(["", "/anthropic"])("Anthropic's, page by page, at %p", async (mount) => {
    await using it = await stage([OPENAI, CLAUDE, GEMINI], { config });
    const page = await claude(it, mount).models.list({ limit: 2 });
    expect(page.data.map(({ id }) => id)).toEqual(["claude-a", "claude-b"]);
    expect(page.has_more).toBe(true);
    const all = await collect(claude(it, mount).models.list({ limit: 2 }));
    expect(all.map(({ id }) => id)).toEqual(["claude-a", "claude-b", "claude-c", "best"]);
    const before = await claude(it, mount).models.list({ limit: 1, before_id: "claude-c" });
    expect(before.data.map(({ id }) => id)).toEqual(["claude-b"]);
  });

  test.each(["", "/gemini"])("Google's, page by page, at %p", async (mount) => {
    await using it = await stage([OPENAI, CLAUDE, GEMINI], { config });
    const pager = await google(it, mount).models.list({ config: { pageSize: 2 } });
    expect(pager.page.map(({ name }) => name)).toEqual(["models/gemini-a", "models/gemini-b"]);
    const names = (await collect(pager)).map(({ name }) => name);
    expect(names).toEqual(["models/gemini-a", "models/gemini-b", "models/small"]);
  });

  test("OpenAI's in Google's compatible form", async () => {
    await using it = await stage([OPENAI, CLAUDE, GEMINI], { config });
    const listed = await openAi(it, "/v1beta/openai").models.list();
    // The simulator names them without Google's prefix.
    expect(listed.data.map(({ id }) => id)).toEqual(["gemini-a", "gemini-b", "models/small"]);
  });

  test("Azure's, in either form", async () => {
    await using it = await stage([{ secret: "sk-azure", provider: "azure", models: ["gpt-4o"] }]);
    const client = new AzureOpenAI({ apiKey: "unused", endpoint: it.proxy.url, apiVersion: "2024-10-21" });
    const listed = await client.models.list();
    expect(listed.data.map(({ id }) => id)).toEqual(["gpt-4o"]);
    expect(await idsAt(it, "/openai/v1/models", { "api-key": "unused" })).toEqual(["gpt-4o"]);
  });
});

describe("an SDK gets one model", () => {
  test("by its name, also one with a slash in it, or by an alias", async () => {
    const config = { aliases: { chat: "deepseek/deepseek-chat" } };
    await using it = await stage([{ ...OPENAI, models: ["gpt-4o", "deepseek/deepseek-chat"] }], { config });
    expect((await openAi(it).models.retrieve("gpt-4o")).id).toBe("gpt-4o");
    const id = "deepseek/deepseek-chat";
    expect((await openAi(it).models.retrieve(id)).id).toBe(id);
    const unescaped = await fetch(`${it.proxy.url}/v1/models/${id}`);
    expect(await unescaped.json()).toMatchObject({ id, object: "model" });
    expect((await openAi(it).models.retrieve("chat")).id).toBe("chat");
  });

  test("of Anthropic and of Google", async () => {
    await using it = await stage([CLAUDE, GEMINI]);
    expect((await claude(it).models.retrieve("claude-b")).id).toBe("claude-b");
    expect((await google(it).models.get({ model: "gemini-a" })).name).toBe("models/gemini-a");
  });

  test("or a not-found error of its own", async () => {
    await using it = await stage([OPENAI, CLAUDE, GEMINI]);
    expect(await failure(openAi(it).models.retrieve("gemini-a"))).toBeInstanceOf(NotFoundError);
    expect(await failure(claude(it).models.retrieve("gpt-4o"))).toBeInstanceOf(anthropic.NotFoundError);
    // The upstream has it, but no key is asked for it.
    expect(await failure(google(it).models.get({ model: "gemma-c" }))).toMatchObject({ status: 404 });
  });
});

describe("the list", () => {
  test("is what the upstream says, to the byte", async () => {
    const entry =
      '{"id": "a", "big": 12345678901234567890, "created":1.0, "text":"\\u00e9", "more":{"b":[ ]}}';
    const body = `{"object":"list","data":[${entry}]}`;
    await using it = await rawStage(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
    const answer = await fetch(`${it.proxy.url}/v1/models`);
    expect(await answer.text()).toBe(body);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await (await fetch(`${it.proxy.url}/v1/models/a`)).text()).toBe(entry);
  });

  test("is asked for once by many clients, and of each account once", async () => {
    await using it = await stage([
      { ...OPENAI, serves: ["gpt-*"] },
      { ...OPENAI, serves: ["o3"] },
      { secret: "sk-other", provider: "openai", models: ["ft:mine"], serves: ["ft:*"] },
    ]);
    const lists = await Promise.all(Array.from({ length: 20 }, () => idsAt(it)));
    expect(new Set(lists.map((ids) => ids.join(" ")))).toEqual(new Set(["gpt-4o gpt-5 o3 ft:mine"]));
    expect(it.simulator.requests.map(({ secret }) => secret).toSorted()).toEqual(["sk-openai", "sk-other"]);
  });

  test("comes of the keys that can tell, past dead, limited and spent ones", async () => {
    await using it = await stage([
      { secret: "sk-dead", provider: "openai", fault: { kind: "dead" } },
      { secret: "sk-limited", provider: "openai", fault: { kind: "limited" } },
      { secret: "sk-spent", provider: "openai", fault: { kind: "spent" } },
      OPENAI,
    ]);
    expect(await idsAt(it)).toEqual(["gpt-4o", "gpt-5", "o3"]);
    expect(await it.proxy.logged(({ state }) => state === "dead")).toMatchObject({ key: "key-1" });
  });

  test("is what the configuration names, and says what is missing, where an upstream does not tell", async () => {
    await using it = await stage([
      OPENAI,
      {
        secret: "sk-broken",
        name: "other one",
        provider: "mistral",
        serves: ["tiny", "mi-*"],
        fault: { kind: "server-error", status: 500 },
      },
    ]);
    const response = await fetch(`${it.proxy.url}/v1/models`);
    const { data } = (await response.json()) as OpenAiList;
    expect(data.map(({ id }) => id)).toEqual(["gpt-4o", "gpt-5", "o3", "tiny"]);
    expect(response.headers.get("x-keycycle-incomplete")).toBe("other%20one");
    const line = await it.proxy.logged(({ event, level }) => event === "message" && level === "warn");
    expect(line.message).toContain("other one did not tell its models: HTTP 500");
  });

  test("is an error that says why, where nothing is known", async () => {
    await using it = await stage([{ ...OPENAI, fault: { kind: "server-error", status: 500 } }]);
    const response = await fetch(`${it.proxy.url}/v1/models`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      error: { code: "models_unknown", message: expect.stringContaining("key-1: HTTP 500") },
    });
    const one = await fetch(`${it.proxy.url}/v1/models/gpt-4o`);
    expect(one.status).toBe(503);
  });

  test("goes without an upstream that takes its time, and has it when it has told", async () => {
    const { promise: mayAnswer, resolve: release } = Promise.withResolvers<void>();
    const body = '{"data":[{"id":"slow-model"}]}';
    await using it = await rawStage(
      async ({ socket }) => {
        await mayAnswer;
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      },
      (url) => ({
        apiKeys: [
          { name: "slow", key: "sk-slow", url, models: ["others"] },
          { name: "named", key: "sk-named", url: `${url}/named`, models: ["gpt-4o"] },
        ],
      }),
    );
    const response = await fetch(`${it.proxy.url}/v1/models`);
    expect(((await response.json()) as OpenAiList).data.map(({ id }) => id)).toEqual(["gpt-4o"]);
    expect(response.headers.get("x-keycycle-incomplete")).toBe("slow, named");
    release();
    await it.proxy.until(() => (it.upstream.requests.length === 2 ? true : undefined));
    for (;;) {
      const later = await fetch(`${it.proxy.url}/v1/models`);
      const { data } = (await later.json()) as OpenAiList;
      if (data.some(({ id }) => id === "slow-model")) break;
    }
    // It waits as long as a client has to.
  }, 20_000);

  test("is 404 where no key speaks the API", async () => {
    await using it = await stage([GEMINI]);
    const response = await fetch(`${it.proxy.url}/v1/models`, {
      headers: { "anthropic-version": "2023-06-01" },
    });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
  });

  test("answers HEAD with the headers alone", async () => {
    await using it = await stage([OPENAI]);
    const whole = await (await fetch(`${it.proxy.url}/v1/models`)).text();
    const head = await fetch(`${it.proxy.url}/v1/models`, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-length")).toBe(String(whole.length));
    expect(await head.text()).toBe("");
    expect((await fetch(`${it.proxy.url}/v1/models/none`, { method: "HEAD" })).status).toBe(404);
  });

  test("refuses a page that there is not, in the API's own form", async () => {
    await using it = await stage([CLAUDE, GEMINI]);
    const version = { "anthropic-version": "2023-06-01" };
    const wrong = await fetch(`${it.proxy.url}/v1/models?after_id=none`, { headers: version });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: { type: "invalid_request_error" } });
    const rubbish = await fetch(`${it.proxy.url}/v1beta/models?pageToken=rubbish`);
    expect(await rubbish.json()).toMatchObject({ error: { status: "INVALID_ARGUMENT" } });
  });

  test("takes nothing from what is known of the keys", async () => {
    const fault = { kind: "server-error" } as const;
    const secrets = ["sk-1", "sk-2", "sk-3", "sk-4", "sk-5", "sk-6"];
    await using it = await stage(secrets.map((secret) => ({ secret, provider: "openai", fault })));
    await (await fetch(`${it.proxy.url}/v1/models`)).text();
    expect(it.simulator.requests).toHaveLength(6);
    for (const secret of secrets) it.simulator.setFault(secret, undefined);
    // Five failures in a row of clients' requests would have opened the upstream's circuit.
    const served = await it.proxy.post("/v1/chat/completions", { model: "gpt-4o", messages: [] });
    expect(served.status).toBe(200);
  });
});

test.each(["/v1/models", "/models", "/api/v1/models", "/openai/v1/models"])(
  "the models of keys with a base path are listed at %s",
  async (path) => {
    const models = ["a", "b"];
    await using it = await front([{ secret: "sk-1", models }], (url) => ({
      // The simulator has nothing under /api: the list is what the key names.
      apiKeys: [
        { key: "sk-1", url: `${url}/v1`, provider: "openai", models: "b" },
        { key: "sk-2", url: `${url}/api/v1`, provider: "openrouter", models: "c/d" },
      ],
    }));
    expect(await idsAt(it, path)).toEqual(["b", "c/d"]);
  },
);

describe("clients", () => {
  const config = {
    clients: [
      { name: "some", token: "token-some", models: ["gpt-*", "fast"] },
      { name: "all", token: "token-all" },
    ],
    aliases: { fast: "o3", slow: "gpt-5" },
  };
  const some = { authorization: "Bearer token-some" };
  const all = { authorization: "Bearer token-all" };

  test("see the models and aliases that they may use", async () => {
    await using it = await stage([OPENAI], { config });
    expect(await idsAt(it, "/v1/models", some)).toEqual(["gpt-4o", "gpt-5", "fast"]);
    expect(await idsAt(it, "/v1/models", all)).toEqual(["gpt-4o", "gpt-5", "o3", "fast", "slow"]);
    expect((await fetch(`${it.proxy.url}/v1/models/fast`, { headers: some })).status).toBe(200);
    const refused = await fetch(`${it.proxy.url}/v1/models/o3`, { headers: some });
    expect(refused.status).toBe(403);
    expect((await fetch(`${it.proxy.url}/v1/models`)).status).toBe(401);
  });

  test("who may use every model may ask for one key's own list, all of it", async () => {
    await using it = await stage([{ ...OPENAI, serves: ["gpt-4o"] }, CLAUDE], { config });
    const header = { "x-keycycle-key": "key-1" };
    expect(await idsAt(it, "/v1/models", all)).toEqual(["gpt-4o", "claude-a", "claude-b", "claude-c"]);
    expect(await idsAt(it, "/v1/models", { ...all, ...header })).toEqual(["gpt-4o", "gpt-5", "o3"]);
    const version = { "x-api-key": "token-all", "anthropic-version": "2023-06-01" };
    const claudes = await idsAt(it, "/v1/models?limit=2", { ...version, "x-keycycle-key": "key-2" });
    expect(claudes).toEqual(["claude-a", "claude-b"]);
    expect(await idsAt(it, "/v1/models", { ...all, "x-keycycle-key": "key-2" })).toEqual([
      "claude-a",
      "claude-b",
      "claude-c",
    ]);
    const refused = await fetch(`${it.proxy.url}/v1/models`, { headers: { ...some, ...header } });
    expect(refused.status).toBe(403);
    const unknown = await fetch(`${it.proxy.url}/v1/models`, {
      headers: { ...all, "x-keycycle-key": "key-9" },
    });
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain("no key of that name");
  });
});

test("the header that asks for a key reaches no upstream", async () => {
  await using it = await stage([OPENAI]);
  await fetch(`${it.proxy.url}/v1/files`, { headers: { "x-keycycle-key": "key-1" } });
  expect(it.simulator.requests.at(-1)?.headers).not.toHaveProperty("x-keycycle-key");
});
