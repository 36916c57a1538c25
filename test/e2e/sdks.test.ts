import { describe, expect, test } from "bun:test";

import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI, { AzureOpenAI, toFile } from "openai";

import { stage, type Stage } from "./harness.ts";
import { expectServedBy, HEALTHY, SENTENCE, troubled } from "./troubled.ts";

const MESSAGES = [{ role: "user" as const, content: "Hi" }];

function openAi(it: Stage): OpenAI {
  return new OpenAI({ apiKey: "unused", baseURL: `${it.proxy.url}/v1`, maxRetries: 0 });
}

describe("the OpenAI SDK, with dead, limited and spent keys in front of a healthy one", () => {
  test("chats", async () => {
    await using it = await stage(troubled("openai"));
    const answer = await openAi(it).chat.completions.create({ model: "gpt-4o", messages: MESSAGES });
    expect(answer.choices[0]?.message.content).toBe(SENTENCE);
    expect(answer.usage?.completion_tokens).toBe(8);
    expectServedBy(it, HEALTHY);
  });

  test("streams a chat", async () => {
    await using it = await stage(troubled("openai"));
    const stream = await openAi(it).chat.completions.create({
      model: "gpt-4o",
      messages: MESSAGES,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let tokens: number | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect({ text, tokens }).toEqual({ text: SENTENCE, tokens: 8 });
    expectServedBy(it, HEALTHY);
  });

  test("answers responses, plain and streamed", async () => {
    await using it = await stage(troubled("openai"));
    const client = openAi(it);
    const plain = await client.responses.create({ model: "gpt-4o", input: "Hi" });
    expectServedBy(it, HEALTHY);
    let text = "";
    for await (const event of await client.responses.create({ model: "gpt-4o", input: "Hi", stream: true })) {
      if (event.type === "response.output_text.delta") text += event.delta;
    }
    expect([plain.output_text, text]).toEqual([SENTENCE, SENTENCE]);
  });

  test("embeds", async () => {
    await using it = await stage(troubled("openai"));
    const answer = await openAi(it).embeddings.create({
      model: "text-embedding-3-small",
      input: ["a", "b"],
      dimensions: 4,
    });
    expect(answer.data.map(({ embedding }) => embedding.length)).toEqual([4, 4]);
    expectServedBy(it, HEALTHY);
  });

  test("lists models", async () => {
    await using it = await stage(troubled("openai"));
    const listed = await openAi(it).models.list();
    expect(listed.data.map(({ id }) => id)).toContain("gpt-4o");
  });

  test("transcribes a file, its bytes whole after the failed attempts", async () => {
    await using it = await stage(troubled("openai"));
    const audio = new Uint8Array(300_000).map((_, index) => index % 251);
    const file = await toFile(audio, "speech.mp3", { type: "audio/mpeg" });
    const answer = await openAi(it).audio.transcriptions.create({ model: "whisper-1", file });
    expect(answer.text).toContain("speech.mp3 (300000 bytes) heard by whisper-1");
    expectServedBy(it, HEALTHY);
    const sent = Buffer.from(it.simulator.requests.at(-1)?.body ?? []);
    expect(sent.includes(audio)).toBe(true);
  });
});

function azure(it: Stage): AzureOpenAI {
  return new AzureOpenAI({
    apiKey: "unused",
    endpoint: it.proxy.url,
    apiVersion: "2024-10-21",
    maxRetries: 0,
  });
}

describe("the Azure OpenAI SDK, with dead, limited and spent keys in front of a healthy one", () => {
  test("chats", async () => {
    await using it = await stage(troubled("azure"));
    const answer = await azure(it).chat.completions.create({ model: "gpt-4o", messages: MESSAGES });
    expect(answer.choices[0]?.message.content).toBe(SENTENCE);
    expectServedBy(it, HEALTHY);
    expect(it.simulator.requests.at(-1)).toMatchObject({
      path: "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
      headers: { "api-key": HEALTHY },
    });
  });

  test("streams a chat", async () => {
    await using it = await stage(troubled("azure"));
    const asked = { model: "gpt-4o", messages: MESSAGES, stream: true as const };
    let text = "";
    for await (const chunk of await azure(it).chat.completions.create(asked))
      text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe(SENTENCE);
    expectServedBy(it, HEALTHY);
  });
});

function anthropic(it: Stage): Anthropic {
  return new Anthropic({ apiKey: "unused", baseURL: it.proxy.url, maxRetries: 0 });
}

describe("the Anthropic SDK, with dead, limited and spent keys in front of a healthy one", () => {
  const asked = { model: "claude-haiku-4-5", max_tokens: 100, messages: MESSAGES };
  test("sends a message", async () => {
    await using it = await stage(troubled("anthropic"));
    const answer = await anthropic(it).messages.create(asked);
    expect(answer.content[0]).toMatchObject({ type: "text", text: SENTENCE });
    expect(answer.usage.output_tokens).toBe(8);
    expectServedBy(it, HEALTHY);
  });

  test("streams a message", async () => {
    await using it = await stage(troubled("anthropic"));
    const answer = await anthropic(it).messages.stream(asked).finalMessage();
    expect(answer.content[0]).toMatchObject({ text: SENTENCE });
    expect(answer.stop_reason).toBe("end_turn");
    expectServedBy(it, HEALTHY);
  });

  test("counts tokens", async () => {
    await using it = await stage(troubled("anthropic"));
    const { model, messages } = asked;
    const counted = await anthropic(it).messages.countTokens({ model, messages });
    expect(counted.input_tokens).toBeGreaterThan(0);
    expectServedBy(it, HEALTHY);
  });

  test("lists models", async () => {
    await using it = await stage(troubled("anthropic"));
    const listed = await anthropic(it).models.list();
    expect(listed.data.map(({ id }) => id)).toContain("claude-haiku-4-5");
  });
});

function gemini(it: Stage): GoogleGenAI {
  return new GoogleGenAI({ apiKey: "unused", httpOptions: { baseUrl: it.proxy.url } });
}

describe("the Gemini SDK, with dead, limited and spent keys in front of a healthy one", () => {
  const asked = { model: "gemini-2.5-flash", contents: "Hi" };
  test("generates", async () => {
    await using it = await stage(troubled("gemini"));
    const answer = await gemini(it).models.generateContent(asked);
    expect(answer.text).toBe(SENTENCE);
    expect(answer.usageMetadata?.candidatesTokenCount).toBe(8);
    expectServedBy(it, HEALTHY);
  });

  test("streams", async () => {
    await using it = await stage(troubled("gemini"));
    let text = "";
    for await (const chunk of await gemini(it).models.generateContentStream(asked)) text += chunk.text ?? "";
    expect(text).toBe(SENTENCE);
    expectServedBy(it, HEALTHY);
  });

  test("embeds", async () => {
    await using it = await stage(troubled("gemini"));
    const answer = await gemini(it).models.embedContent({
      model: "gemini-embedding-001",
      contents: ["a", "b"],
    });
    expect(answer.embeddings).toHaveLength(2);
    expectServedBy(it, HEALTHY);
  });

  test("lists models", async () => {
    await using it = await stage(troubled("gemini"));
    const names: (string | undefined)[] = [];
    for await (const model of await gemini(it).models.list()) names.push(model.name);
    expect(names).toContain("models/gemini-2.5-flash");
  });
});
