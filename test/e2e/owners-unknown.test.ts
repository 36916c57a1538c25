import { describe, expect, test } from "bun:test";

import OpenAI from "openai";

import { type Stage, stage } from "./harness.ts";
import { get, messageOf, naming, since } from "./owned-things.ts";
import { aFile, fourKeys, openAi } from "./sdk-clients.ts";

/** A file that KeyCycle has not seen being made. */
async function oldFile({ simulator }: Stage, secret: string): Promise<string> {
  const client = new OpenAI({ apiKey: secret, baseURL: `${simulator.url}/v1` });
  return (await client.files.create({ file: await aFile(), purpose: "user_data" })).id;
}

describe("a thing of which nothing is known", () => {
  test("is looked for with one key after the other, once", async () => {
    await using it = await stage(fourKeys("openai"));
    const id = await oldFile(it, "sk-openai-0003");
    const first = await get(it, `/v1/files/${id}`);
    expect([first.status, first.headers.get("x-keycycle-key")]).toEqual([200, "key-3"]);
    const count = it.simulator.requests.length;
    for (let again = 0; again < 4; again += 1) expect((await get(it, `/v1/files/${id}`)).status).toBe(200);
    expect(since(it, count)).toEqual(["3: 200", "3: 200", "3: 200", "3: 200"]);
  });

  test("is looked for when a request uses it", async () => {
    await using it = await stage(fourKeys("openai"));
    const id = await oldFile(it, "sk-openai-0004");
    const answer = await it.proxy.post("/v1/chat/completions", naming(id));
    expect([answer.status, answer.headers.get("x-keycycle-key")]).toEqual([200, "key-4"]);
  });

  test("is looked for when a long request uses it", async () => {
    await using it = await stage(fourKeys("openai"));
    const id = await oldFile(it, "sk-openai-0004");
    const answer = await it.proxy.post("/v1/chat/completions", { ...naming(id), user: "u".repeat(300_000) });
    expect([answer.status, answer.headers.get("x-keycycle-key")]).toEqual([200, "key-4"]);
  });

  test("is looked for when it is to be deleted, and forgotten then", async () => {
    await using it = await stage(fourKeys("openai"));
    const id = await oldFile(it, "sk-openai-0002");
    expect((await openAi(it).files.delete(id)).deleted).toBe(true);
    const count = it.simulator.requests.length;
    expect((await get(it, `/v1/files/${id}`)).status).toBe(404);
    expect(since(it, count)).toHaveLength(4);
  });

  test.each([
    ["openai", "/v1/files/file-Nowhere1", 404, /No such File object: file-Nowhere1/],
    ["anthropic", "/v1/files/file_Nowhere1", 404, /File not found: file_Nowhere1/],
    ["gemini", "/v1beta/files/nowhere", 403, /permission to access the File nowhere or it may not exist/],
    ["azure", "/openai/files/assistant-Nowhere1", 404, /No such File object/],
  ] as const)(
    "and that nobody has: %s's own answer, and no key is worse off",
    async (provider, path, status, words) => {
      const keys = fourKeys(provider).map((key, index) => ({
        ...key,
        account: `account-${index}`,
      }));
      await using it = await stage(keys);
      const headers: Record<string, string> =
        provider === "anthropic" ? { "anthropic-version": "2023-06-01" } : {};
      const answer = await get(it, path, headers);
      expect(answer.status).toBe(status);
      expect(await messageOf(answer)).toMatch(words);
      expect(it.proxy.log.filter(({ event }) => event === "key")).toEqual([]);
    },
  );

  test("is not said to be missing while a key that may have it cannot be asked", async () => {
    await using it = await stage(fourKeys("openai"));
    const id = await oldFile(it, "sk-openai-0002");
    it.simulator.setFault("sk-openai-0002", { kind: "limited", retryAfterMs: 60_000 });
    const answer = await get(it, `/v1/files/${id}`);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(await messageOf(answer)).toMatch(/key-2 is limited .*the other keys do not have it/);
  });
});
