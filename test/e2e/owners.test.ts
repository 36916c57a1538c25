import { describe, expect, test } from "bun:test";

import { CHAT, type Stage, stage } from "./harness.ts";
import { get, messageOf, naming, since } from "./owned-things.ts";
import { aFile, anthropic, fourKeys, gemini, openAi, pin } from "./sdk-clients.ts";

const WAITS = { config: { rotation: { maxWait: "10s" } } };

/** A file made with one of the keys. */
async function fileOf(it: Stage, key: number): Promise<string> {
  const { id } = await openAi(it).files.create({ file: await aFile(), purpose: "user_data" }, pin(key));
  return id;
}

describe("things of two accounts in one request", () => {
  test("are refused with both names, whoever would have been asked", async () => {
    await using it = await stage(fourKeys("openai"));
    const [a, b] = [await fileOf(it, 1), await fileOf(it, 2)];
    const count = it.simulator.requests.length;
    const answer = await it.proxy.post("/v1/chat/completions", naming(a, b));
    expect(answer.status).toBe(400);
    const message = await messageOf(answer);
    expect(message).toContain(`"${a}" belongs to key-1`);
    expect(message).toContain(`"${b}" to key-2`);
    expect(since(it, count)).toEqual([]);
  });

  test("are one account's where the configuration says so", async () => {
    const keys = fourKeys("openai").map((key) => ({ ...key, account: "one" }));
    await using it = await stage(keys, { config: {} });
    const [a, b] = [await fileOf(it, 1), await fileOf(it, 2)];
    it.simulator.setFault("sk-openai-0001", { kind: "dead" });
    for (let turn = 0; turn < 4; turn += 1)
      expect((await it.proxy.post("/v1/chat/completions", naming(a, b))).status).toBe(200);
  });

  test("do not come about when one client makes them one after the other", async () => {
    await using it = await stage(fourKeys("openai"));
    const client = openAi(it);
    const ids: string[] = [];
    for (let made = 0; made < 6; made += 1) {
      ids.push((await client.files.create({ file: await aFile(), purpose: "assistants" })).id);
    }
    await client.vectorStores.create({ file_ids: ids });
    const assistant = await client.beta.assistants.create({ model: "gpt-4o" });
    const thread = await client.beta.threads.create();
    await client.beta.threads.runs.create(thread.id, { assistant_id: assistant.id });
  });

  test("clients make theirs in different accounts, and elsewhere while their own is out", async () => {
    // So many that all four accounts are home to one of them, however their addresses fall.
    const clients = Array.from({ length: 64 }, (_, index) => ({
      name: `c${index}`,
      token: `token-${index}`,
    }));
    await using it = await stage(fourKeys("openai"), { config: { clients } });
    const make = async (token: string) => {
      const { response } = await openAi(it, token)
        .files.create({ file: await aFile(), purpose: "user_data" })
        .withResponse();
      return response.headers.get("x-keycycle-key") ?? "";
    };
    const homes = new Map<string, string>();
    for (const { token } of clients) homes.set(token, await make(token));
    expect(new Set(homes.values()).size).toBe(4);
    it.simulator.setFault("sk-openai-0001", { kind: "dead" });
    for (const [token, home] of homes) {
      const now = await make(token);
      if (home === "key-1") expect(now).not.toBe("key-1");
      else expect(now).toBe(home);
    }
  });
});

describe("the owner", () => {
  test("is waited for while it is limited", async () => {
    await using it = await stage(fourKeys("openai"), WAITS);
    const id = await fileOf(it, 2);
    it.simulator.setFault("sk-openai-0002", { kind: "limited", retryAfterMs: 300, hint: "header-ms" }, 1);
    const answer = await it.proxy.post("/v1/chat/completions", naming(id));
    expect([answer.status, answer.headers.get("x-keycycle-key")]).toEqual([200, "key-2"]);
    expect(answer.headers.get("x-keycycle-attempts")).toBe("2");
  });

  test("that stays limited: 429 with its time, and why no other key will do", async () => {
    await using it = await stage(fourKeys("openai"));
    const id = await fileOf(it, 2);
    it.simulator.setFault("sk-openai-0002", { kind: "limited", retryAfterMs: 30_000 });
    const count = it.simulator.requests.length;
    const answer = await it.proxy.post("/v1/chat/completions", naming(id));
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeWithin(28, 31);
    expect(await messageOf(answer)).toMatch(
      new RegExp(`key-2 is limited for .*"${id}" belongs to key-2, and no other`),
    );
    expect(since(it, count)).toEqual(["2: 429"]);
    expect((await it.proxy.post("/v1/chat/completions", CHAT)).status).toBe(200);
  });

  test("that is dead: 503", async () => {
    await using it = await stage(fourKeys("openai"));
    const id = await fileOf(it, 3);
    it.simulator.setFault("sk-openai-0003", { kind: "dead" });
    const answer = await get(it, `/v1/files/${id}`);
    expect(answer.status).toBe(503);
    expect(await messageOf(answer)).toMatch(/key-3 is refused by its provider .*belongs to key-3/);
  });

  test("that has no money left still gives what it holds", async () => {
    await using it = await stage(fourKeys("openai"));
    const id = await fileOf(it, 1);
    it.simulator.setFault("sk-openai-0001", { kind: "spent" }, 1);
    expect((await it.proxy.post("/v1/chat/completions", naming(id))).status).toBe(429);
    expect((await get(it, `/v1/files/${id}`)).status).toBe(200);
    // It was not taken for being in money again by that.
    expect((await it.proxy.post("/v1/chat/completions", naming(id))).status).toBe(429);
  });

  test("that does not serve the model: 404 that says so", async () => {
    const [first, second] = fourKeys("openai");
    if (first === undefined || second === undefined) throw new Error("There are four.");
    await using it = await stage([
      { ...first, serves: ["gpt-4o-mini"] },
      { ...second, serves: ["gpt-4o"] },
    ]);
    const id = await fileOf(it, 1);
    const answer = await it.proxy.post("/v1/chat/completions", naming(id));
    expect(answer.status).toBe(404);
    expect(await messageOf(answer)).toBe(
      `key-1 does not serve the model "gpt-4o". "${id}" belongs to key-1, and no other key can use it.`,
    );
  });

  test("with others serves what it owns, though another key names the model", async () => {
    const [first, second] = fourKeys("openai");
    if (first === undefined || second === undefined) throw new Error("There are four.");
    await using it = await stage([first, { ...second, serves: ["gpt-4o"] }]);
    const id = await fileOf(it, 1);
    const answer = await it.proxy.post("/v1/chat/completions", naming(id));
    expect([answer.status, answer.headers.get("x-keycycle-key")]).toEqual([200, "key-1"]);
  });

  test("is asked for by an alias with the first of its models that it serves", async () => {
    const [first, second] = fourKeys("openai");
    if (first === undefined || second === undefined) throw new Error("There are four.");
    const keys = [
      { ...first, serves: ["gpt-4o-mini"] },
      { ...second, serves: ["gpt-4o"] },
    ];
    await using it = await stage(keys, { config: { aliases: { best: ["gpt-4o", "gpt-4o-mini"] } } });
    const id = await fileOf(it, 1);
    const answer = await it.proxy.post("/v1/chat/completions", { ...naming(id), model: "best" });
    expect([answer.status, answer.headers.get("x-keycycle-model")]).toEqual([200, "gpt-4o-mini"]);
  });
});

describe("a request that asks for one key by x-keycycle-key", () => {
  test("goes to that key, which hears nothing of it", async () => {
    await using it = await stage(fourKeys("openai"));
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await it.proxy.post("/v1/chat/completions", CHAT, pin(3).headers);
      expect(answer.headers.get("x-keycycle-key")).toBe("key-3");
    }
    expect(it.simulator.requests.map(({ headers }) => headers["x-keycycle-key"])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("is told the nearest name where there is none like it", async () => {
    await using it = await stage(fourKeys("openai"));
    const answer = await it.proxy.post("/v1/chat/completions", CHAT, pin("kye-3").headers);
    expect(answer.status).toBe(400);
    expect(await messageOf(answer)).toMatch(/no key of that name. Did you mean "key-3"\?/);
  });

  test("does not get another key's thing by it", async () => {
    await using it = await stage(fourKeys("openai"));
    const id = await fileOf(it, 1);
    const answer = await get(it, `/v1/files/${id}`, pin(2).headers);
    expect(answer.status).toBe(400);
    expect(await messageOf(answer)).toContain(`asks for the key "key-2", but "${id}" belongs to key-1`);
  });

  test("gets the list of that key alone", async () => {
    await using it = await stage(fourKeys("openai"));
    const [, second] = [await fileOf(it, 1), await fileOf(it, 2)];
    const listed = await openAi(it).files.list({}, pin(2));
    expect(listed.data.map(({ id }) => id)).toEqual([second]);
  });
});

describe("errors are in the form of the API", () => {
  test("Anthropic's", async () => {
    await using it = await stage(fourKeys("anthropic"));
    const client = anthropic(it);
    const upload = async (key: number) => (await client.files.upload({ file: await aFile() }, pin(key))).id;
    const ids = [await upload(1), await upload(2)];
    const content = ids.map((file_id) => ({
      type: "document" as const,
      source: { type: "file" as const, file_id },
    }));
    const asked = {
      model: "claude-haiku-4-5",
      max_tokens: 10,
      messages: [{ role: "user" as const, content }],
    };
    const refused: unknown = await client.beta.messages.create(asked).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      status: 400,
      error: { type: "error", error: { type: "invalid_request_error" } },
    });
  });

  test("Gemini's", async () => {
    await using it = await stage(fourKeys("gemini"));
    const client = gemini(it);
    const upload = async (key: number) => {
      const config = { httpOptions: pin(key), mimeType: "text/plain" };
      return (await client.files.upload({ file: new Blob(["a"]), config })).uri ?? "";
    };
    const uris = [await upload(1), await upload(2)];
    const parts = uris.map((fileUri) => ({ fileData: { fileUri, mimeType: "text/plain" } }));
    const asked = { model: "gemini-2.5-flash", contents: [{ role: "user", parts }] };
    await expect(client.models.generateContent(asked)).rejects.toThrow(/INVALID_ARGUMENT/);
  });
});

test("what names no model goes to keys of the provider whose API it is, and no other is worse off", async () => {
  await using it = await stage([
    { secret: "sk-ant-0001", provider: "anthropic" },
    { secret: "sk-groq-0002", provider: "groq" },
    { secret: "sk-open-0003", provider: "openai" },
  ]);
  for (let round = 0; round < 6; round += 1) {
    const asked = [
      await get(it, "/v1/files", { authorization: "Bearer x" }),
      await get(it, "/v1/files/file-unheard1", { authorization: "Bearer x" }),
      await it.proxy.post("/v1/moderations", { input: "Hi" }),
    ];
    expect(asked.map(({ status }) => status)).toEqual([200, 404, 200]);
  }
  expect(it.simulator.requests.some(({ secret }) => secret === "sk-ant-0001")).toBe(false);
  const claude = await anthropic(it).messages.create({
    model: "claude-haiku-4-5",
    max_tokens: 5,
    messages: [{ role: "user", content: "Hi" }],
  });
  expect(claude.type).toBe("message");
});

test("what a form names before its file is found, though the form goes on for longer than is held", async () => {
  await using it = await stage(fourKeys("openai"), { config: { server: { maxBody: "1MB" } } });
  for (const key of [2, 4, 1]) {
    const video = await openAi(it).videos.create({ prompt: "A cat", model: "sora-2" }, pin(key));
    const form = new FormData();
    form.set("video[id]", video.id);
    form.set("input_reference", new Blob([new Uint8Array(3_000_000)]), "frames.mp4");
    const answer = await fetch(`${it.proxy.url}/v1/videos/edits`, { method: "POST", body: form });
    expect([answer.status, answer.headers.get("x-keycycle-key")]).toEqual([200, `key-${key}`]);
  }
});
