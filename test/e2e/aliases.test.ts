import { describe, expect, test } from "bun:test";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";

import { GoogleGenAI } from "@google/genai";
import OpenAI, { AzureOpenAI, toFile } from "openai";

import type { SimulatedRequest } from "../../src/demo/simulator.ts";
import { CHAT, stage, type Stage } from "./harness.ts";
import { DIALECTS } from "./providers.ts";

const FAST = { config: { aliases: { fast: "gpt-4o-mini" } } };

const CHAT_PATH = "/v1/chat/completions";

/** POSTs through the proxy, and tells what reached the upstream. */
async function sent(
  it: Stage,
  path: string,
  body: RequestInit["body"],
  headers: Record<string, string> = { "content-type": "application/json" },
): Promise<{ response: Response; arrived: SimulatedRequest; body: string }> {
  const arrival = it.simulator.nextRequest();
  const response = await fetch(it.proxy.url + path, { method: "POST", body, headers });
  await response.text();
  const arrived = await arrival;
  return { response, arrived, body: Buffer.from(arrived.body).toString() };
}

describe("an alias in the words of each API", () => {
  test.each(DIALECTS)("$provider: plain and streamed", async ({ provider, send }) => {
    await using it = await stage([{ secret: "sk-a", provider }], FAST);
    for (const stream of [false, true]) {
      const response = await send(it.proxy, { model: "fast", stream });
      expect(response.status).toBe(200);
      expect(await response.text()).not.toBe("");
      expect(response.headers.get("x-keycycle-model")).toBe("gpt-4o-mini");
    }
    expect(it.simulator.requests.map(({ model }) => model)).toEqual(["gpt-4o-mini", "gpt-4o-mini"]);
    for (const { path, body } of it.simulator.requests) {
      expect(path + Buffer.from(body).toString()).not.toContain("fast");
    }
  });

  test("may be in any language, and so may what it stands for", async () => {
    const aliases = { "schnell-für-alle": "日本語-模型😀" };
    await using it = await stage([{ secret: "sk-a" }], { config: { aliases } });
    const asked = JSON.stringify({ ...CHAT, model: "schnell-für-alle" });
    const { response, body } = await sent(it, CHAT_PATH, asked);
    expect(response.status).toBe(200);
    expect(JSON.parse(body).model).toBe("日本語-模型😀");
    expect(decodeURIComponent(response.headers.get("x-keycycle-model") ?? "")).toBe("日本語-模型😀");
  });

  test("changes the bytes of the model in JSON, and no other", async () => {
    await using it = await stage([{ secret: "sk-a" }], FAST);
    const asked = String.raw`{ "seed": 1.0e2, "model" : "f\u0061st", "messages":[{"role":"user","content":"fast \u00e9 é"}] ,"x":12345678901234567890}`;
    const { response, arrived, body } = await sent(it, `${CHAT_PATH}?fast=1`, asked);
    expect(response.status).toBe(200);
    expect(body).toBe(asked.replace(String.raw`"f\u0061st"`, '"gpt-4o-mini"'));
    expect(arrived.path).toBe(`${CHAT_PATH}?fast=1`);
    expect(arrived.headers["content-length"]).toBe(String(arrived.body.length));
    expect(arrived.headers["content-type"]).toBe("application/json");
  });

  test.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
  ] as const)("is sent decoded where the client sent %s, and says so", async (encoding, encode) => {
    await using it = await stage([{ secret: "sk-a" }], FAST);
    const asked = JSON.stringify({ ...CHAT, model: "fast" });
    const headers = { "content-type": "application/json", "content-encoding": encoding };
    const { response, arrived, body } = await sent(it, CHAT_PATH, encode(asked), headers);
    expect(response.status).toBe(200);
    expect(body).toBe(asked.replace("fast", "gpt-4o-mini"));
    expect(arrived.headers["content-encoding"]).toBeUndefined();
    expect(arrived.headers["content-length"]).toBe(String(arrived.body.length));
  });

  test("stands in the query", async () => {
    await using it = await stage([{ secret: "sk-a" }], FAST);
    const arrival = it.simulator.nextRequest();
    await fetch(`${it.proxy.url}/v1/realtime?a=%20b&model=fast&c`);
    expect((await arrival).path).toBe("/v1/realtime?a=%20b&model=gpt-4o-mini&c");
  });

  test("stands in Azure's body under /openai/v1, and in Google's OpenAI form with its prefix", async () => {
    await using it = await stage([{ secret: "sk-a" }], FAST);
    const azure = await sent(it, "/openai/v1/chat/completions", JSON.stringify({ ...CHAT, model: "fast" }));
    expect(azure.arrived.model).toBe("gpt-4o-mini");
    const google = await sent(
      it,
      "/v1beta/openai/chat/completions",
      JSON.stringify({ ...CHAT, model: "models/fast" }),
    );
    expect(google.arrived.model).toBe("models/gpt-4o-mini");
  });

  test("is left alone for a model that is not the alias, and in a header of its own", async () => {
    await using it = await stage([{ secret: "sk-a" }], FAST);
    const asked = JSON.stringify({ ...CHAT, model: "faster", user: "fast" });
    const { response, body } = await sent(it, CHAT_PATH, asked);
    expect(body).toBe(asked);
    expect(response.headers.has("x-keycycle-model")).toBe(false);
  });
});

describe("a form with an alias", () => {
  const FORM = "multipart/form-data; boundary=b0unda7y";
  const formWith = (model: string, file: Uint8Array) =>
    Buffer.concat([
      Buffer.from(`--b0unda7y\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}\r\n`),
      Buffer.from('--b0unda7y\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n'),
      file,
      Buffer.from("\r\n--b0unda7y--\r\n"),
    ]);

  test.each([
    ["held", "64MB", true],
    ["larger than maxBody, of known length", "64KB", true],
    ["larger than maxBody, in chunks", "64KB", false],
  ] as const)("%s, reaches the upstream with the model in it", async (_, maxBody, known) => {
    const config = { aliases: { listen: "whisper-1" }, server: { maxBody } };
    await using it = await stage([{ secret: "sk-a" }], { config });
    const file = new Uint8Array(3_000_000).map((__, index) => index % 251);
    const asked = formWith("listen", file);
    const body = known ? asked : new Blob([asked]).stream();
    const { response, arrived } = await sent(it, "/v1/audio/transcriptions", body, { "content-type": FORM });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-keycycle-model")).toBe("whisper-1");
    expect(Buffer.from(arrived.body).equals(formWith("whisper-1", file))).toBe(true);
    if (known) expect(arrived.headers["content-length"]).toBe(String(arrived.body.length));
  });

  test("whose model stands behind the file, past maxBody, is told so", async () => {
    const config = { aliases: { listen: "whisper-1" }, server: { maxBody: "64KB" } };
    await using it = await stage([{ secret: "sk-a" }], { config });
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(3_000_000)]), "a.mp3");
    form.set("model", "listen");
    const response = await fetch(`${it.proxy.url}/v1/audio/transcriptions`, { method: "POST", body: form });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain("Put it before the file");
  });
});

describe("official SDKs with an alias for a model", () => {
  const messages = CHAT.messages.map(({ content }) => ({ role: "user" as const, content }));

  test("OpenAI: chats, streams, embeds and transcribes", async () => {
    const aliases = { fast: "gpt-4o-mini", vectors: "text-embedding-3-small", listen: "whisper-1" };
    await using it = await stage([{ secret: "sk-a", provider: "openai" }], { config: { aliases } });
    const client = new OpenAI({ apiKey: "unused", baseURL: `${it.proxy.url}/v1`, maxRetries: 0 });
    const plain = await client.chat.completions.create({ model: "fast", messages });
    expect(plain.model).toBe("gpt-4o-mini");
    const models = new Set<string>();
    for await (const chunk of await client.chat.completions.create({ model: "fast", messages, stream: true }))
      models.add(chunk.model);
    expect([...models]).toEqual(["gpt-4o-mini"]);
    const vectors = await client.embeddings.create({ model: "vectors", input: "a", dimensions: 4 });
    expect(vectors.model).toBe("text-embedding-3-small");
    const file = await toFile(new Uint8Array(10_000), "speech.mp3", { type: "audio/mpeg" });
    const heard = await client.audio.transcriptions.create({ model: "listen", file });
    expect(heard.text).toContain("speech.mp3 (10000 bytes) heard by whisper-1");
  });

  test("Azure: the path and the body, which both name it", async () => {
    await using it = await stage([{ secret: "sk-a", provider: "azure" }], FAST);
    const client = new AzureOpenAI({ apiKey: "unused", endpoint: it.proxy.url, apiVersion: "2024-10-21" });
    const answer = await client.chat.completions.create({ model: "fast", messages });
    expect(answer.model).toBe("gpt-4o-mini");
    const [request] = it.simulator.requests;
    expect(request?.path).toBe("/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21");
    expect(JSON.parse(Buffer.from(request?.body ?? []).toString()).model).toBe("gpt-4o-mini");
  });

  test("Google: generates, and embeds with each request naming the model again", async () => {
    const config = { aliases: { fast: "gemini-2.5-flash", vectors: "gemini-embedding-001" } };
    await using it = await stage([{ secret: "sk-a", provider: "gemini" }], { config });
    const client = new GoogleGenAI({ apiKey: "unused", httpOptions: { baseUrl: it.proxy.url } });
    const answer = await client.models.generateContent({ model: "fast", contents: "Hi" });
    expect(answer.modelVersion).toBe("gemini-2.5-flash");
    const vectors = await client.models.embedContent({ model: "vectors", contents: ["a", "b"] });
    expect(vectors.embeddings).toHaveLength(2);
    const last = it.simulator.requests.at(-1);
    expect(last?.path).toContain("models/gemini-embedding-001:batchEmbedContents");
    expect(JSON.parse(Buffer.from(last?.body ?? []).toString())).toMatchObject({
      requests: [{ model: "models/gemini-embedding-001" }, { model: "models/gemini-embedding-001" }],
    });
  });
});

describe("which name counts", () => {
  test("an alias wins over a glob, over others, and over a model of its name", async () => {
    const keys = [
      { secret: "sk-exact", serves: ["fast"] },
      { secret: "sk-glob", serves: ["f*"] },
      { secret: "sk-others", serves: ["others"] },
      { secret: "sk-mini", serves: ["gpt-4o-mini"] },
    ];
    await using it = await stage(keys, FAST);
    for (const send of Array.from(
      { length: 3 },
      () => () => it.proxy.post(CHAT_PATH, { ...CHAT, model: "fast" }),
    ))
      expect((await send()).status).toBe(200);
    expect(it.simulator.counts("sk-mini").served).toBe(3);
    expect(it.proxy.output).toContain("hides the model of that name, which key-1 serves");
  });

  test("a client needs the alias in its models, not what it stands for", async () => {
    const clients = [
      { name: "by-alias", token: "kc-alias", models: ["fast"] },
      { name: "by-model", token: "kc-model", models: ["gpt-4o-mini"] },
    ];
    await using it = await stage([{ secret: "sk-a" }], { config: { ...FAST.config, clients } });
    const ask = async (token: string, model: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await it.proxy.post(CHAT_PATH, { ...CHAT, model }, headers)).status;
    };
    expect(await ask("kc-alias", "fast")).toBe(200);
    expect(await ask("kc-alias", "gpt-4o-mini")).toBe(403);
    expect(await ask("kc-model", "fast")).toBe(403);
    expect(await ask("kc-model", "gpt-4o-mini")).toBe(200);
  });
});

describe("the log", () => {
  test("tells the model that served, and the alias that was asked for", async () => {
    await using it = await stage([{ secret: "sk-a" }], FAST);
    await it.proxy.post(CHAT_PATH, { ...CHAT, model: "fast" });
    await it.proxy.post(CHAT_PATH, CHAT);
    const [aliased, plain] = await it.proxy.until(() => {
      const lines = it.proxy.log.filter(({ event }) => event === "request");
      return lines.length === 2 ? lines : undefined;
    });
    expect(aliased).toMatchObject({ model: "gpt-4o-mini", alias: "fast", inputTokens: expect.any(Number) });
    expect(plain).toMatchObject({ model: "gpt-4o-mini" });
    expect(plain).not.toHaveProperty("alias");
  });

  test("warns at the start, with the place, of aliases that can never be of use", async () => {
    const keys = [
      { secret: "sk-a", provider: "openai", serves: ["gpt-5"] },
      { secret: "sk-b", provider: "gemini", serves: ["gemini-2.5-pro"] },
    ];
    const config = { aliases: { best: ["gpt-5", "gemini-2.5-pro", "gpt-6"], gone: "gpt-7" } };
    await using it = await stage(keys, { config });
    const output = it.proxy.output.replaceAll(/\s+/g, " ");
    expect(output).toMatch(
      /config\.json:\d+:\d+ aliases\.best: "gemini-2\.5-pro" \(gemini, gemini-openai\) can never stand in for "gpt-5" \(openai\)/,
    );
    expect(output).toMatch(/config\.json:\d+:\d+ aliases\.best: no key serves "gpt-6"/);
    expect(output).toMatch(/config\.json:\d+:\d+ aliases\.gone: no key serves anything that it stands for/);
  });
});

test("a reload changes what an alias stands for; x-keycycle-model can be turned off", async () => {
  await using it = await stage([{ secret: "sk-a" }], FAST);
  const ask = async () => await it.proxy.post(CHAT_PATH, { ...CHAT, model: "fast" });
  expect((await ask()).headers.get("x-keycycle-model")).toBe("gpt-4o-mini");
  const config = JSON.parse(await Bun.file(it.proxy.configPath).text());
  const changed = { ...config, aliases: { fast: "o4-mini" }, server: { responseHeaders: false } };
  await Bun.write(it.proxy.configPath, JSON.stringify(changed));
  await it.proxy.logged(({ message }) => message === "The configuration was reloaded");
  expect((await ask()).headers.has("x-keycycle-model")).toBe(false);
  expect(it.simulator.requests.map(({ model }) => model)).toEqual(["gpt-4o-mini", "o4-mini"]);
});
