import { afterAll, describe, expect, test } from "bun:test";
import { GoogleGenAI } from "@google/genai";
import { SECRET, simulate } from "./ask.ts";

const SENTENCE = "Hello from the simulator: key …a1b2 served this.";
const simulator = simulate();
const client = new GoogleGenAI({ apiKey: SECRET, httpOptions: { baseUrl: simulator.url } });
interface Item {
  candidates: { content: { parts: { text: string }[] } }[];
}
const asked = { model: "gemini-2.5-flash", contents: "Hi" };
const body = JSON.stringify({ contents: [{ parts: [{ text: "Hi" }] }] });
afterAll(() => simulator.stop());

describe("the Gemini SDK against the simulator", () => {
  test("generates", async () => {
    const answer = await client.models.generateContent(asked);
    expect(answer.text).toBe(SENTENCE);
    expect(answer.usageMetadata?.candidatesTokenCount).toBe(8);
  });

  test("streams", async () => {
    let text = "";
    let reason: string | undefined;
    for await (const chunk of await client.models.generateContentStream(asked)) {
      text += chunk.text ?? "";
      reason = chunk.candidates?.[0]?.finishReason ?? reason;
    }
    expect(text).toBe(SENTENCE);
    expect(reason).toBe("STOP");
  });

  test("embeds, counts tokens and lists models", async () => {
    const embedded = await client.models.embedContent({
      model: "gemini-embedding-001",
      contents: ["a", "b"],
    });
    const counted = await client.models.countTokens(asked);
    const listed: (string | undefined)[] = [];
    for await (const model of await client.models.list()) listed.push(model.name);
    expect(embedded.embeddings?.length).toBe(2);
    expect(counted.totalTokens).toBeGreaterThan(0);
    expect(listed).toContain("models/gemini-2.5-flash");
  });
});

describe("Gemini over plain HTTP", () => {
  test("takes the key from the query", async () => {
    const url = `${simulator.url}/v1beta/models/gemini-2.5-flash:generateContent?key=${SECRET}`;
    expect((await fetch(url, { method: "POST", body })).status).toBe(200);
  });

  test("streams one JSON array without alt=sse, under /v1 too", async () => {
    const url = `${simulator.url}/v1/models/gemini-2.5-flash:streamGenerateContent?key=${SECRET}`;
    const items = (await (await fetch(url, { method: "POST", body })).json()) as Item[];
    const texts = items.map((item) => item.candidates[0]?.content.parts[0]?.text);
    expect(texts.join("")).toBe(SENTENCE);
  });
});
