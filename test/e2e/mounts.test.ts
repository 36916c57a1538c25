import { describe, expect, test } from "bun:test";

import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI, { AzureOpenAI } from "openai";

import { CHAT, stage, type Stage, type StageKey } from "./harness.ts";

const KEYS = {
  openai: { secret: "sk-openai", provider: "openai", apis: ["openai"] },
  anthropic: { secret: "sk-anthropic", provider: "anthropic", apis: ["anthropic"] },
  gemini: { secret: "sk-gemini", provider: "gemini", apis: ["gemini"] },
  azure: { secret: "sk-azure", provider: "azure", apis: ["azure"] },
  groq: { secret: "sk-groq", provider: "groq" },
} satisfies Record<string, StageKey>;

const ALL = Object.values(KEYS);
const MESSAGES = [{ role: "user" as const, content: "Hi" }];

/** Key and target of the last request that an upstream was sent. */
function lastSent({ simulator }: Stage): { secret: string | undefined; path: string | undefined } {
  const { secret, path } = simulator.requests.at(-1) ?? {};
  return { secret, path };
}

describe("one proxy for every API, each SDK at its mount:", () => {
  test("OpenAI's", async () => {
    await using it = await stage(ALL);
    const client = new OpenAI({ apiKey: "unused", baseURL: `${it.proxy.url}/openai/v1`, maxRetries: 0 });
    await client.chat.completions.create({ model: "gpt-4o", messages: MESSAGES });
    expect(lastSent(it).path).toBe("/v1/chat/completions");
  });

  test("Anthropic's", async () => {
    await using it = await stage(ALL);
    const client = new Anthropic({ apiKey: "unused", baseURL: `${it.proxy.url}/anthropic`, maxRetries: 0 });
    await client.messages.create({ model: "claude-haiku-4-5", max_tokens: 9, messages: MESSAGES });
    expect(lastSent(it)).toEqual({ secret: "sk-anthropic", path: "/v1/messages" });
  });

  test("Google's", async () => {
    await using it = await stage(ALL);
    const client = new GoogleGenAI({
      apiKey: "unused",
      httpOptions: { baseUrl: `${it.proxy.url}/gemini` },
    });
    await client.models.generateContent({ model: "gemini-2.5-flash", contents: "Hi" });
    expect(lastSent(it)).toEqual({
      secret: "sk-gemini",
      // Where it goes by itself when it is given a base URL.
      path: "/v1/models/gemini-2.5-flash:generateContent",
    });
  });

  test("OpenAI's at Google's compatible form", async () => {
    await using it = await stage(ALL);
    const baseURL = `${it.proxy.url}/gemini/v1beta/openai/`;
    await new OpenAI({ apiKey: "unused", baseURL, maxRetries: 0 }).chat.completions.create({
      model: "gemini-2.5-flash",
      messages: MESSAGES,
    });
    expect(lastSent(it)).toEqual({ secret: "sk-gemini", path: "/v1beta/openai/chat/completions" });
  });

  test.each(["", "/azure"])("Azure's, at %p", async (mount) => {
    const { azure, openai } = KEYS;
    await using it = await stage([azure, openai]);
    const endpoint = `${it.proxy.url}${mount}`;
    const client = new AzureOpenAI({ apiKey: "unused", endpoint, apiVersion: "2024-10-21", maxRetries: 0 });
    await client.chat.completions.create({ model: "gpt-4o", messages: MESSAGES });
    expect(lastSent(it)).toEqual({
      secret: "sk-azure",
      path: "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
    });
  });
});

describe("paths that several APIs have go where the mount says:", () => {
  test.each([
    { path: "/anthropic/v1/files", secret: "sk-anthropic", upstream: "/v1/files" },
    { path: "/gemini/upload/v1beta/files", secret: "sk-gemini", upstream: "/upload/v1beta/files" },
    { path: "/gemini/v1beta/files?pageSize=2", secret: "sk-gemini", upstream: "/v1beta/files?pageSize=2" },
    { path: "/azure/openai/v1/files", secret: "sk-azure", upstream: "/openai/v1/files" },
    { path: "/openai/v1/files", secret: "sk-openai", upstream: "/v1/files" },
  ])("$path", async ({ path, secret, upstream }) => {
    const { openai, anthropic, gemini, azure } = KEYS;
    // Anthropic's keys answer OpenAI's API as well.
    await using it = await stage([openai, { ...anthropic, priority: 1 }, gemini, azure]);
    await fetch(it.proxy.url + path);
    expect(lastSent(it)).toEqual({ secret, path: upstream });
  });

  test("an error is in the mount's form", async () => {
    await using it = await stage([KEYS.openai]);
    const response = await fetch(`${it.proxy.url}/anthropic/v1/files`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
  });

  test("an alias is rewritten in the path behind a mount", async () => {
    const config = { aliases: { quick: "gemini-2.5-flash" } };
    await using it = await stage([KEYS.gemini], { config });
    const response = await it.proxy.post("/gemini/v1beta/models/quick:generateContent", { contents: [] });
    expect(response.status).toBe(200);
    expect(lastSent(it).path).toBe("/v1beta/models/gemini-2.5-flash:generateContent");
  });
});

describe("/openai/v1 from a client with a bearer token", () => {
  // As Groq's SDK, and OpenAI's with a base URL of Azure's v1 form, have it.
  const ask = (it: Stage) =>
    it.proxy.post("/openai/v1/chat/completions", CHAT, { authorization: "Bearer x" });

  test("is Azure's where only its keys are there", async () => {
    await using it = await stage([KEYS.azure]);
    expect((await ask(it)).status).toBe(200);
    expect(lastSent(it)).toEqual({ secret: "sk-azure", path: "/openai/v1/chat/completions" });
  });

  test("is Groq's where only its keys are there", async () => {
    await using it = await stage([KEYS.groq]);
    expect((await ask(it)).status).toBe(200);
    expect(lastSent(it)).toEqual({ secret: "sk-groq", path: "/openai/v1/chat/completions" });
  });

  test("reaches Groq's keys, by their url, beside those of OpenAI", async () => {
    await using it = await stage([{ ...KEYS.openai, serves: ["gpt-5"] }, KEYS.groq]);
    expect((await ask(it)).status).toBe(200);
    expect(lastSent(it)).toEqual({ secret: "sk-groq", path: "/v1/chat/completions" });
  });

  test("is OpenAI's beside keys of both, and never half of a path", async () => {
    await using it = await stage([KEYS.azure, KEYS.openai]);
    expect((await ask(it)).status).toBe(200);
    expect(lastSent(it)).toEqual({ secret: "sk-openai", path: "/v1/chat/completions" });
  });
});
