import { describe, expect, test } from "bun:test";

import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  embedMany,
  type EmbeddingModel,
  generateText,
  isStepCount,
  jsonSchema,
  type LanguageModel,
  streamText,
  tool,
} from "ai";

import { expectServedBy, HEALTHY, SENTENCE, troubled } from "./troubled.ts";
import { stage, type StageKey } from "./harness.ts";

interface Case {
  readonly sdk: string;
  readonly provider: NonNullable<StageKey["provider"]>;
  readonly model: (url: string) => LanguageModel;
  readonly embedding?: (url: string) => EmbeddingModel;
}

const KEY = { apiKey: "unused" };

const openAi = (url: string) => createOpenAI({ ...KEY, baseURL: `${url}/v1` });
const compatible = (url: string) =>
  createOpenAICompatible({ ...KEY, name: "keycycle", baseURL: `${url}/v1`, includeUsage: true });
const google = (url: string) => createGoogle({ ...KEY, baseURL: `${url}/v1beta` });

const CASES: readonly Case[] = [
  {
    sdk: "@ai-sdk/openai",
    provider: "openai",
    model: (url) => openAi(url)("gpt-4o"),
    embedding: (url) => openAi(url).embedding("text-embedding-3-small"),
  },
  {
    sdk: "@ai-sdk/openai, by chat completions",
    provider: "openai",
    model: (url) => openAi(url).chat("gpt-4o"),
  },
  {
    sdk: "@ai-sdk/openai-compatible",
    provider: "openai",
    model: (url) => compatible(url)("gpt-4o"),
    embedding: (url) => compatible(url).embeddingModel("text-embedding-3-small"),
  },
  {
    sdk: "@ai-sdk/anthropic",
    provider: "anthropic",
    model: (url) => createAnthropic({ ...KEY, baseURL: `${url}/v1` })("claude-haiku-4-5"),
  },
  {
    sdk: "@ai-sdk/anthropic, at its mount",
    provider: "anthropic",
    model: (url) => createAnthropic({ ...KEY, baseURL: `${url}/anthropic/v1` })("claude-haiku-4-5"),
  },
  {
    sdk: "@ai-sdk/google",
    provider: "gemini",
    model: (url) => google(url)("gemini-2.5-flash"),
    embedding: (url) => google(url).embedding("gemini-embedding-001"),
  },
];

/** A tool that notes what it is asked. */
function weatherTool(asked: unknown[]) {
  return tool({
    description: "The weather at a place",
    inputSchema: jsonSchema<{ place: string }>({
      type: "object",
      properties: { place: { type: "string" } },
      required: ["place"],
    }),
    execute: (input) => {
      asked.push(input);
      return `rain in ${input.place}`;
    },
  });
}

describe.each(CASES)(
  "Vercel's AI SDK with $sdk, dead, limited and spent keys in front of a healthy one,",
  (each) => {
    const settings = { maxRetries: 0 };

    test("generates text", async () => {
      await using it = await stage(troubled(each.provider));
      const { text, usage } = await generateText({
        ...settings,
        model: each.model(it.proxy.url),
        prompt: "Hi",
      });
      expect({ text, tokens: usage.outputTokens }).toEqual({ text: SENTENCE, tokens: 8 });
      expectServedBy(it, HEALTHY);
    });

    test("streams text", async () => {
      await using it = await stage(troubled(each.provider));
      const { textStream, usage } = streamText({
        ...settings,
        model: each.model(it.proxy.url),
        prompt: "Hi",
      });
      const parts: string[] = [];
      for await (const part of textStream) parts.push(part);
      expect(parts.join("")).toBe(SENTENCE);
      expect(parts.length).toBeGreaterThan(1);
      expect((await usage).outputTokens).toBe(8);
      expectServedBy(it, HEALTHY);
    });

    test.each(["generated", "streamed"])("has a tool called, its result taken, %s", async (how) => {
      await using it = await stage(troubled(each.provider));
      const asked: unknown[] = [];
      const request = {
        ...settings,
        model: each.model(it.proxy.url),
        prompt: "Ask get_weather",
        tools: { get_weather: weatherTool(asked) },
        stopWhen: isStepCount(2),
      };
      const { text } = how === "generated" ? await generateText(request) : streamText(request);
      expect(await text).toBe(SENTENCE);
      expect(asked).toEqual([{ place: "simulated" }]);
      expect(Buffer.from(it.simulator.requests.at(-1)?.body ?? []).toString()).toContain("rain in simulated");
    });

    test("fails as it does at the provider where no key can serve", async () => {
      await using it = await stage([
        { secret: "sk-full", provider: each.provider, fault: { kind: "limited" } },
      ]);
      const attempt = generateText({ ...settings, model: each.model(it.proxy.url), prompt: "Hi" });
      const error: unknown = await attempt.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(APICallError);
      expect(error).toMatchObject({ statusCode: 429, isRetryable: true });
      expect(String(error)).toContain("key-1 is limited");
    });
  },
);

describe.each(CASES.filter(({ embedding }) => embedding !== undefined))(
  "Vercel's AI SDK with $sdk, dead, limited and spent keys in front of a healthy one,",
  ({ provider, embedding }) => {
    test("embeds", async () => {
      await using it = await stage(troubled(provider));
      const model = embedding?.(it.proxy.url);
      if (model === undefined) throw new Error("The case has an embedding model");
      const { embeddings } = await embedMany({ model, values: ["a", "b"], maxRetries: 0 });
      expect(embeddings).toHaveLength(2);
      expect(embeddings[0]?.length).toBeGreaterThan(100);
      expectServedBy(it, HEALTHY);
    });
  },
);
