import { afterAll, describe, expect, test } from "bun:test";
import OpenAI, { AuthenticationError, AzureOpenAI, toFile } from "openai";
import { SECRET, simulate } from "./ask.ts";

const SENTENCE = "Hello from the simulator: key …a1b2 served this.";
const simulator = simulate();
const client = new OpenAI({ apiKey: SECRET, baseURL: `${simulator.url}/v1`, maxRetries: 0 });
const messages = [{ role: "user" as const, content: "Hi" }];
afterAll(() => simulator.stop());

describe("the OpenAI SDK against the simulator", () => {
  test("chats", async () => {
    const { data, request_id } = await client.chat.completions
      .create({ model: "gpt-4o", messages })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe(SENTENCE);
    expect(data.usage?.completion_tokens).toBe(8);
    expect(request_id).toStartWith("req_");
  });

  test("streams a chat, with usage only where it is asked for", async () => {
    const texts: string[] = [];
    const usages: unknown[] = [];
    for (const include_usage of [true, false]) {
      const stream = await client.chat.completions.create({
        model: "gpt-4o",
        messages,
        stream: true,
        stream_options: { include_usage },
      });
      let text = "";
      let usage: unknown;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? "";
        usage = chunk.usage ?? usage;
      }
      texts.push(text);
      usages.push(usage);
    }
    expect(texts).toEqual([SENTENCE, SENTENCE]);
    expect(usages).toEqual([expect.objectContaining({ completion_tokens: 8 }), undefined]);
  });

  test("answers responses, plain and streamed", async () => {
    const plain = await client.responses.create({ model: "gpt-4o", input: "Hi" });
    const types: string[] = [];
    let text = "";
    let usage: number | undefined;
    for await (const event of await client.responses.create({ model: "gpt-4o", input: "Hi", stream: true })) {
      types.push(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
      if (event.type === "response.completed") usage = event.response.usage?.output_tokens;
    }
    expect(plain.output_text).toBe(SENTENCE);
    expect(text).toBe(SENTENCE);
    expect(types[0]).toBe("response.created");
    expect(types.at(-1)).toBe("response.completed");
    expect(usage).toBe(8);
  });

  test("completes text, plain and streamed", async () => {
    const plain = await client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "Hi" });
    let text = "";
    const asked = { model: "gpt-3.5-turbo-instruct", prompt: "Hi", stream: true as const };
    for await (const chunk of await client.completions.create(asked)) text += chunk.choices[0]?.text ?? "";
    expect([plain.choices[0]?.text, text]).toEqual([SENTENCE, SENTENCE]);
  });

  test("embeds, the same vector in both encodings", async () => {
    const asked = { model: "text-embedding-3-small", input: ["a", "b"], dimensions: 4 };
    const base64 = await client.embeddings.create(asked);
    const floats = await client.embeddings.create({ ...asked, encoding_format: "float" });
    expect(base64.data.map((each) => each.embedding.length)).toEqual([4, 4]);
    expect([...(base64.data[0]?.embedding ?? [])]).toEqual(floats.data[0]?.embedding ?? []);
    expect(base64.data[0]?.embedding).not.toEqual(base64.data[1]?.embedding);
  });

  test("lists and retrieves models", async () => {
    const listed = await client.models.list();
    expect(listed.data.map((model) => model.id)).toContain("gpt-4o");
    expect((await client.models.retrieve("ft:gpt-4o:acme::1")).id).toBe("ft:gpt-4o:acme::1");
  });

  test("transcribes: the answer names file, size and model", async () => {
    const file = await toFile(new Uint8Array(1_234), "speech.mp3");
    const { text } = await client.audio.transcriptions.create({ model: "whisper-1", file });
    expect(text).toContain("speech.mp3 (1234 bytes) heard by whisper-1");
    expect(simulator.requests.at(-1)?.model).toBe("whisper-1");
  });

  test("speaks, draws and moderates", async () => {
    const speech = await client.audio.speech.create({ model: "tts-1", voice: "alloy", input: "Hi" });
    const images = await client.images.generate({ model: "gpt-image-1", prompt: "a dot", n: 2 });
    const moderation = await client.moderations.create({ input: "Hi" });
    expect((await speech.bytes())[0]).toBe(0xff);
    expect(images.data?.length).toBe(2);
    expect(moderation.results[0]?.flagged).toBe(false);
  });

  test("reports an unknown key as the error class of its status", async () => {
    const stranger = client.withOptions({ apiKey: "sk-proj-abcdefghijklmnop9999" });
    const refused = await stranger.chat.completions
      .create({ model: "gpt-4o", messages })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AuthenticationError);
    expect(String(refused)).toContain("sk-proj-****************9999");
  });
});

describe("Azure OpenAI against the simulator", () => {
  test("serves deployments to the SDK of Azure", async () => {
    const azure = new AzureOpenAI({
      endpoint: simulator.url,
      apiKey: SECRET,
      apiVersion: "2024-10-21",
      maxRetries: 0,
    });
    const answer = await azure.chat.completions.create({ model: "my-deployment", messages });
    expect(answer.choices[0]?.message.content).toBe(SENTENCE);
    expect(simulator.requests.at(-1)).toMatchObject({ api: "azure", model: "my-deployment", secret: SECRET });
  });

  test("serves the v1 surface to the plain SDK", async () => {
    const azure = new OpenAI({ apiKey: SECRET, baseURL: `${simulator.url}/openai/v1`, maxRetries: 0 });
    const answer = await azure.chat.completions.create({ model: "gpt-4o", messages });
    expect(answer.choices[0]?.message.content).toBe(SENTENCE);
    expect(simulator.requests.at(-1)?.api).toBe("azure");
  });
});

test("Gemini's OpenAI-compatible door serves the OpenAI SDK", async () => {
  const google = new OpenAI({ apiKey: SECRET, baseURL: `${simulator.url}/v1beta/openai/`, maxRetries: 0 });
  const answer = await google.chat.completions.create({ model: "gemini-2.5-flash", messages });
  expect(answer.choices[0]?.message.content).toBe(SENTENCE);
  expect(simulator.requests.at(-1)?.api).toBe("gemini");
});
