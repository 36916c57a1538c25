import { describe, expect, test } from "bun:test";

import OpenAI from "openai";

import { Proxy, stage, type Stage, type StageKey } from "./harness.ts";
import { aFile, anthropic, fourKeys, gemini, openAi, pin } from "./sdk-clients.ts";

const START_MS = Date.parse("2026-11-25T00:00:00Z");

/** A stage whose simulator's clock goes on by a second with each look at it, so that no two things are of one age. */
async function ticking(keys: readonly StageKey[]): Promise<Stage> {
  let now = START_MS;
  return await stage(keys, {
    simulator: {
      now() {
        now += 1_000;
        return now;
      },
    },
  });
}

/** Files of keys in this order, oldest first. */
async function files(it: Stage, keys: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  for (const key of keys) {
    const { id } = await openAi(it).files.create({ file: await aFile(), purpose: "batch" }, pin(key));
    ids.push(id);
  }
  return ids;
}

async function batches(it: Stage, keys: readonly number[]): Promise<string[]> {
  const messages = [{ role: "user" as const, content: "Hi" }];
  const params = { model: "claude-haiku-4-5", max_tokens: 10, messages };
  const ids: string[] = [];
  for (const key of keys) {
    const requests = [{ custom_id: "a", params }];
    ids.push((await anthropic(it).messages.batches.create({ requests }, pin(key))).id);
  }
  return ids;
}

const MIXED = [1, 1, 2, 3, 1, 4, 4, 4, 2, 1];

describe("OpenAI's lists of four accounts", () => {
  test.each([1, 2, 3, 7, 10, 100])("come newest first, all of them once, in pages of %d", async (limit) => {
    await using it = await ticking(fourKeys("openai"));
    const ids = await files(it, MIXED);
    const pages: string[][] = [];
    let page = await openAi(it).files.list({ limit });
    for (;;) {
      pages.push(page.data.map(({ id }) => id));
      if (!page.hasNextPage()) break;
      page = await page.getNextPage();
    }
    expect(pages.flat()).toEqual(ids.toReversed());
    expect(pages.map(({ length }) => length).slice(0, -1)).toEqual(pages.slice(1).map(() => limit));
  });

  test("come oldest first where that is asked for, and as their filters say", async () => {
    await using it = await ticking(fourKeys("openai"));
    const ids = await files(it, MIXED);
    const listed = await openAi(it).files.list({ order: "asc", limit: 4, purpose: "batch" });
    expect(listed.data.map(({ id }) => id)).toEqual(ids.slice(0, 4));
    const asked = it.simulator.requests.filter(({ method }) => method === "GET").map(({ path }) => path);
    expect(asked).toEqual(Array.from({ length: 4 }, () => expect.stringContaining("purpose=batch")));
  });

  test("go on although what a page ended with was deleted, as when all are to be", async () => {
    await using it = await ticking(fourKeys("openai"));
    await files(it, MIXED);
    const client = openAi(it);
    let deleted = 0;
    for await (const { id } of client.files.list({ limit: 3 })) {
      await client.files.delete(id);
      deleted += 1;
    }
    expect(deleted).toBe(MIXED.length);
    expect((await client.files.list()).data).toEqual([]);
  });

  test("go on behind a thing that no page ended with", async () => {
    await using it = await ticking(fourKeys("openai"));
    const ids = await files(it, MIXED);
    const listed = await openAi(it).files.list({ after: ids[5] ?? "", limit: 2 });
    expect(listed.data.map(({ id }) => id)).toEqual([ids[4], ids[3]].map(String));
    expect(listed.has_more).toBe(true);
  });

  test("say that one cursor is enough", async () => {
    await using it = await ticking(fourKeys("openai"));
    const [first, , third] = await files(it, [1, 2, 3]);
    const answer = await fetch(`${it.proxy.url}/v1/files?after=${third}&before=${first}`);
    expect([answer.status, it.simulator.counts().refused]).toEqual([400, 0]);
  });

  test("say what is wrong with a cursor that names nothing", async () => {
    await using it = await ticking(fourKeys("openai"));
    await files(it, MIXED);
    const refused: unknown = await openAi(it)
      .files.list({ after: "file-Nothing1" })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 400, param: "after" });
  });

  test("are there without the keys that cannot be asked, which are named", async () => {
    await using it = await ticking(fourKeys("openai"));
    const ids = await files(it, [1, 2, 3]);
    it.simulator.setFault("sk-openai-0002", { kind: "dead" });
    const { data, response } = await openAi(it).files.list().withResponse();
    expect(data.data.map(({ id }) => id)).toEqual([ids[2], ids[0]].map(String));
    expect(response.headers.get("x-keycycle-incomplete")).toBe("key-2");
  });

  test("wait for a key that is limited for less than maxWait", async () => {
    const config = { rotation: { maxWait: "10s" } };
    await using it = await stage(fourKeys("openai"), { config });
    const ids = await files(it, [1, 2, 3]);
    it.simulator.setFault("sk-openai-0002", { kind: "limited", retryAfterMs: 700 }, 1);
    const { data, response } = await openAi(it).files.list().withResponse();
    expect(data.data.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(response.headers.get("x-keycycle-incomplete")).toBeNull();
    expect(it.simulator.counts("sk-openai-0002").refused).toBe(1);
  });

  test("leave out nothing of a key that has no money left", async () => {
    await using it = await ticking(fourKeys("openai"));
    const ids = await files(it, [1, 2]);
    it.simulator.setFault("sk-openai-0002", { kind: "spent" }, 1);
    await openAi(it)
      .embeddings.create({ model: "m", input: "a" }, pin(2))
      .catch(() => {});
    expect((await openAi(it).files.list()).data.map(({ id }) => id)).toEqual(ids.toReversed());
  });

  test("tell whose the things are, however they came about", async () => {
    await using it = await ticking(fourKeys("openai"));
    const direct = new OpenAI({ apiKey: "sk-openai-0003", baseURL: `${it.simulator.url}/v1` });
    const { id } = await direct.files.create({ file: await aFile(), purpose: "batch" });
    await openAi(it).files.list();
    const { response } = await openAi(it).files.retrieve(id).withResponse();
    expect([response.headers.get("x-keycycle-key"), response.headers.get("x-keycycle-attempts")]).toEqual([
      "key-3",
      "1",
    ]);
  });

  test("have each thing once though two keys are of one account, and the log says what to do about that", async () => {
    const [first, second] = fourKeys("openai");
    if (first === undefined || second === undefined) throw new Error("There are four.");
    const simulated = [first, second].map((key) => ({ ...key, account: "same" }));
    await using it = await ticking(simulated);
    const apiKeys = simulated.map(({ secret }, index) => {
      return {
        name: `key-${index + 1}`,
        key: secret,
        provider: "openai",
        url: it.simulator.url,
        models: "others",
      };
    });
    await using other = await started({ apiKeys });
    const ids: string[] = [];
    for (let made = 0; made < 3; made += 1) {
      ids.push((await openAi(other).files.create({ file: await aFile(), purpose: "batch" })).id);
    }
    const listed = await openAi(other).files.list();
    expect(listed.data.map(({ id }) => id)).toEqual(ids.toReversed());
    const line = await other.proxy.logged(
      ({ message }) => message?.includes("list the same things") === true,
    );
    expect(line.message).toContain('key-1 and key-2 list the same things: give them the same "account"');
  });

  test("are the provider's own answer where the request is wrong", async () => {
    await using it = await ticking(fourKeys("openai"));
    await files(it, [1]);
    const answer = await fetch(`${it.proxy.url}/v1/files?limit=many`);
    expect(answer.headers.get("x-keycycle-key")).not.toBeNull();
  });

  test("go on after a restart", async () => {
    await using it = await ticking(fourKeys("openai"));
    const ids = await files(it, MIXED);
    const apiKeys = fourKeys("openai").map(({ secret }, index) => {
      return {
        name: `key-${index + 1}`,
        key: secret,
        provider: "openai",
        url: it.simulator.url,
        models: "others",
      };
    });
    const page = await openAi(it).files.list({ limit: 4 });
    await using other = await started({ apiKeys });
    const next = await openAi(other).files.list({ limit: 4, after: page.data.at(-1)?.id ?? "" });
    expect(next.data.map(({ id }) => id)).toEqual(ids.toReversed().slice(4, 8));
  });
});

/** A proxy of its own before a simulator that another stage has. */
async function started(config: object): Promise<{ proxy: Proxy } & AsyncDisposable> {
  const proxy = await Proxy.start(config);
  return {
    proxy,
    async [Symbol.asyncDispose]() {
      proxy.process.kill("SIGKILL");
      await proxy.process.exited;
    },
  };
}

describe("Anthropic's lists of four accounts", () => {
  test("of batches are read forwards and backwards by id", async () => {
    await using it = await ticking(fourKeys("anthropic"));
    const ids = (await batches(it, MIXED)).toReversed();
    const client = anthropic(it);
    const forwards: string[] = [];
    for await (const { id } of client.messages.batches.list({ limit: 3 })) forwards.push(id);
    expect(forwards).toEqual(ids);
    const before = await client.messages.batches.list({ limit: 3, before_id: ids[6] ?? "" });
    expect(before.data.map(({ id }) => id)).toEqual(ids.slice(3, 6));
    expect([before.has_more, before.first_id, before.last_id]).toEqual([
      true,
      ids[3] ?? null,
      ids[5] ?? null,
    ]);
    const earlier = await before.getNextPage();
    expect(earlier.data.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    expect(earlier.has_more).toBe(false);
  });

  test("of files are read by page tokens", async () => {
    await using it = await ticking(fourKeys("anthropic"));
    const client = anthropic(it);
    const ids: string[] = [];
    for (const key of MIXED) ids.push((await client.files.upload({ file: await aFile() }, pin(key))).id);
    const listed: string[] = [];
    for await (const { id } of client.files.list({ limit: 4 })) listed.push(id);
    expect(listed).toEqual(ids.toReversed());
  });
});

describe("Gemini's lists of four accounts", () => {
  test.each([1, 3, 10])("are read by page tokens, %d at a time", async (pageSize) => {
    await using it = await ticking(fourKeys("gemini"));
    const client = gemini(it);
    const names: string[] = [];
    for (const key of MIXED) {
      const config = { httpOptions: pin(key), contents: "Long" };
      names.push((await client.caches.create({ model: "gemini-2.5-flash", config })).name ?? "");
    }
    const listed: string[] = [];
    for await (const { name } of await client.caches.list({ config: { pageSize } })) listed.push(name ?? "");
    expect(listed).toEqual(names.toReversed());
  });

  test("have no token at their end, and say so of one that is none of ours", async () => {
    await using it = await ticking(fourKeys("gemini"));
    const headers = { "x-goog-api-key": "unused" };
    const empty = await fetch(`${it.proxy.url}/v1beta/files`, { headers });
    expect(await empty.json()).toEqual({ files: [] });
    const strange = await fetch(`${it.proxy.url}/v1beta/files?pageToken=abc`, { headers });
    expect(strange.status).toBe(400);
  });
});
