import { afterAll, describe, expect, test } from "bun:test";
import Anthropic, { AuthenticationError } from "@anthropic-ai/sdk";
import { SECRET, simulate } from "./ask.ts";

const SENTENCE = "Hello from the simulator: key …a1b2 served this.";
const simulator = simulate();
const client = new Anthropic({ apiKey: SECRET, baseURL: simulator.url, maxRetries: 0 });
const asked = {
  model: "claude-test",
  max_tokens: 100,
  messages: [{ role: "user" as const, content: "Hi" }],
};
afterAll(() => simulator.stop());

describe("the Anthropic SDK against the simulator", () => {
  test("sends a message", async () => {
    const { data, request_id } = await client.messages.create(asked).withResponse();
    expect(data.content[0]).toMatchObject({ type: "text", text: SENTENCE });
    expect(data.usage.output_tokens).toBe(8);
    expect(request_id).toStartWith("req_");
  });

  test("streams the real sequence of events", async () => {
    const types: string[] = [];
    for await (const event of await client.messages.create({ ...asked, stream: true }))
      types.push(event.type);
    expect([...new Set(types)]).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });

  test("accumulates a stream to the whole message", async () => {
    const message = await client.messages.stream(asked).finalMessage();
    expect(message.content[0]).toMatchObject({ text: SENTENCE });
    expect(message.usage.output_tokens).toBe(8);
  });

  test("counts tokens and lists models in Anthropic's shape", async () => {
    const { model, messages } = asked;
    const counted = await client.messages.countTokens({ model, messages });
    const listed = await client.models.list();
    expect(counted.input_tokens).toBeGreaterThan(0);
    expect(listed.data[0]).toMatchObject({ type: "model", id: "claude-opus-5-5" });
  });

  test("reports an unknown key as the error class of its status", async () => {
    const stranger = client.withOptions({ apiKey: "sk-ant-unknown" });
    const refused = await stranger.messages.create(asked).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AuthenticationError);
  });

  test("takes the key in x-api-key, as the reference has it", async () => {
    const headers = { "x-api-key": SECRET, "anthropic-version": "2026-10-21" };
    const response = await fetch(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers,
      body: JSON.stringify(asked),
    });
    expect(response.status).toBe(200);
  });

  test("refuses a request without a maximum of tokens as Anthropic does", async () => {
    const response = await fetch(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": SECRET, "anthropic-version": "2023-06-01" },
      body: JSON.stringify({ model: asked.model, messages: asked.messages }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: "max_tokens: Field required" },
    });
  });
});
