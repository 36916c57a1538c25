import { describe, expect, test } from "bun:test";

import { ChatAnthropic } from "@langchain/anthropic";
import { ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings } from "@langchain/google-genai";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";

import { stage, type StageKey } from "./harness.ts";
import { expectServedBy, HEALTHY, SENTENCE, troubled } from "./troubled.ts";

type Provider = NonNullable<StageKey["provider"]>;
type Chat = ChatOpenAI | ChatAnthropic | ChatGoogleGenerativeAI;

const KEY = { apiKey: "unused", maxRetries: 0 };

const CASES: readonly (readonly [string, Provider, (url: string) => Chat])[] = [
  [
    "ChatOpenAI",
    "openai",
    (url) => new ChatOpenAI({ ...KEY, model: "gpt-4o", configuration: { baseURL: `${url}/v1` } }),
  ],
  [
    "ChatOpenAI by the Responses API, at its mount",
    "openai",
    (url) =>
      new ChatOpenAI({
        ...KEY,
        model: "gpt-4o",
        useResponsesApi: true,
        configuration: { baseURL: `${url}/openai/v1` },
      }),
  ],
  [
    "ChatAnthropic",
    "anthropic",
    (url) => new ChatAnthropic({ ...KEY, model: "claude-haiku-4-5", anthropicApiUrl: url }),
  ],
  [
    "ChatGoogleGenerativeAI",
    "gemini",
    (url) => new ChatGoogleGenerativeAI({ ...KEY, model: "gemini-2.5-flash", baseUrl: url }),
  ],
  [
    "ChatGoogleGenerativeAI at its mount",
    "gemini",
    (url) => new ChatGoogleGenerativeAI({ ...KEY, model: "gemini-2.5-flash", baseUrl: `${url}/gemini` }),
  ],
];

const WEATHER = {
  name: "get_weather",
  description: "The weather at a place",
  schema: {
    type: "object",
    properties: { place: { type: "string" } },
    required: ["place"],
  },
} as const;

describe.each(CASES)(
  "LangChain's %s, dead, limited and spent keys in front of a healthy one,",
  (_, provider, chat) => {
    test("chats", async () => {
      await using it = await stage(troubled(provider));
      const answer = await chat(it.proxy.url).invoke("Hi");
      expect(answer.text).toBe(SENTENCE);
      expect(answer.usage_metadata?.output_tokens).toBe(8);
      expectServedBy(it, HEALTHY);
    });

    test("streams", async () => {
      await using it = await stage(troubled(provider));
      const parts: string[] = [];
      for await (const chunk of await chat(it.proxy.url).stream("Hi")) {
        if (chunk.text !== "") parts.push(chunk.text);
      }
      expect(parts.join("")).toBe(SENTENCE);
      expect(parts.length).toBeGreaterThan(1);
      expectServedBy(it, HEALTHY);
    });

    test("calls a tool", async () => {
      await using it = await stage(troubled(provider));
      const answer = await chat(it.proxy.url).bindTools([WEATHER]).invoke("Ask get_weather");
      expect(answer.tool_calls).toMatchObject([{ name: "get_weather", args: { place: "simulated" } }]);
      expectServedBy(it, HEALTHY);
    });

    test("calls a tool in a stream, and takes its result", async () => {
      await using it = await stage(troubled(provider));
      const model = chat(it.proxy.url).bindTools([WEATHER]);
      const asked = { role: "user", content: "Ask get_weather" };
      let called: Awaited<ReturnType<Chat["invoke"]>> | undefined;
      for await (const chunk of await model.stream([asked])) called = called?.concat(chunk) ?? chunk;
      const [call] = called?.tool_calls ?? [];
      expect(call).toMatchObject({ name: "get_weather", args: { place: "simulated" } });
      if (called === undefined) throw new Error("Nothing was streamed");
      const result = { role: "tool", content: "rain", tool_call_id: call?.id ?? "", name: "get_weather" };
      const answer = await model.invoke([asked, called, result]);
      expect(answer.text).toBe(SENTENCE);
      expect(Buffer.from(it.simulator.requests.at(-1)?.body ?? []).toString()).toContain("rain");
    });
  },
);

describe("LangChain's embeddings, dead, limited and spent keys in front of a healthy one:", () => {
  test("OpenAIEmbeddings", async () => {
    await using it = await stage(troubled("openai"));
    const model = new OpenAIEmbeddings({
      ...KEY,
      model: "text-embedding-3-small",
      configuration: { baseURL: `${it.proxy.url}/v1` },
    });
    expect((await model.embedDocuments(["a", "b"])).map(({ length }) => length)).toEqual([1_536, 1_536]);
    expectServedBy(it, HEALTHY);
  });

  test("GoogleGenerativeAIEmbeddings", async () => {
    await using it = await stage(troubled("gemini"));
    const model = new GoogleGenerativeAIEmbeddings({
      ...KEY,
      model: "gemini-embedding-001",
      baseUrl: it.proxy.url,
    });
    expect((await model.embedDocuments(["a", "b"])).map(({ length }) => length)).toEqual([768, 768]);
    expectServedBy(it, HEALTHY);
  });
});
