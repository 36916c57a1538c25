import { describe, expect, test } from "bun:test";
import { assert, property, string } from "fast-check";

import { BothEnds } from "../../src/proxy/both-ends.ts";
import { readUsage } from "../../src/proxy/usage.ts";

const used = (inputTokens: number, outputTokens: number) => ({ inputTokens, outputTokens });

const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const chunk = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;

const CHAT_USAGE = {
  prompt_tokens: 19,
  completion_tokens: 10,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0 },
};
const RESPONSES_USAGE = {
  input_tokens: 36,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 87,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 123,
};
const TALK = 'In JSON: "usage": {"prompt_tokens": 999, "completion_tokens": 999}';

describe("the tokens of a whole answer", () => {
  test.each([
    [
      "OpenAI's chat completions",
      {
        id: "chatcmpl-1",
        choices: [{ message: { content: TALK } }],
        usage: CHAT_USAGE,
        service_tier: "default",
      },
      used(19, 10),
    ],
    [
      "OpenAI's responses",
      { id: "resp_1", output: [], usage: RESPONSES_USAGE, user: null, metadata: {} },
      used(36, 87),
    ],
    [
      "OpenAI's responses with the client's own word in the metadata",
      { id: "resp_1", output: [], usage: RESPONSES_USAGE, metadata: { usage: "billing", usage_id: "1" } },
      used(36, 87),
    ],
    ["OpenAI's embeddings", { data: [], usage: { prompt_tokens: 8, total_tokens: 8 } }, used(8, 0)],
    [
      "Anthropic's messages",
      {
        type: "message",
        content: [{ type: "text", text: TALK }],
        usage: {
          input_tokens: 25,
          cache_creation_input_tokens: 0,
          cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
          output_tokens: 15,
          service_tier: "standard",
        },
      },
      used(25, 15),
    ],
    [
      "Anthropic's messages with a tool that is given usage",
      {
        content: [{ type: "tool_use", input: { usage: { input_tokens: 1, output_tokens: 1 } } }],
        usage: { input_tokens: 25, output_tokens: 15 },
      },
      used(25, 15),
    ],
    [
      "Gemini's",
      {
        candidates: [{ content: { parts: [{ text: TALK }] } }],
        usageMetadata: {
          promptTokenCount: 8,
          candidatesTokenCount: 20,
          totalTokenCount: 78,
          promptTokensDetails: [{ modality: "TEXT", tokenCount: 8 }],
          thoughtsTokenCount: 50,
        },
        modelVersion: "gemini-2.5-flash",
        responseId: "x",
      },
      used(8, 70),
    ],
    [
      "Groq's, with a field of a like name behind it",
      {
        choices: [],
        usage: { queue_time: 0.05, ...CHAT_USAGE },
        usage_breakdown: null,
        x_groq: { id: "req_1" },
      },
      used(19, 10),
    ],
    [
      "an image's",
      { data: [], usage: { total_tokens: 100, input_tokens: 50, output_tokens: 50 } },
      used(50, 50),
    ],
  ])("%s", (_, answer, expected) => {
    expect(readUsage(JSON.stringify(answer))).toEqual(expected);
    expect(readUsage(JSON.stringify(answer, null, 2))).toEqual(expected);
  });

  test.each([
    "",
    "{}",
    '{"usage":null}',
    '{"usage":',
    '{"usage":{"prompt_tokens":',
    '{"usage":{"prompt_tokens":"many"}}',
    '{"choices":[{"message":{"content":"\\"usage\\": {\\"prompt_tokens\\": 1}"}}]}',
    "<html>usage</html>",
  ])("are not known from %s", (text) => {
    expect(readUsage(text)).toBeUndefined();
  });

  test("are looked for without ever throwing", () => {
    assert(property(string(), string(), (before, after) => void readUsage(`${before}"usage":{${after}`)));
  });
});

describe("the tokens of a stream", () => {
  test.each([
    [
      "OpenAI's chat completions",
      [
        chunk({ choices: [{ delta: { content: "Hi" } }], usage: null }),
        chunk({ choices: [{ delta: {}, finish_reason: "stop" }], usage: null }),
        chunk({ choices: [], usage: CHAT_USAGE }),
        "data: [DONE]\n\n",
      ],
      used(19, 10),
    ],
    [
      "a copy that sends usage before its last chunk",
      [
        chunk({ choices: [{ delta: {} }], usage: CHAT_USAGE }),
        chunk({ choices: [{ delta: {}, finish_reason: "stop" }], usage: null }),
        "data: [DONE]\n\n",
      ],
      used(19, 10),
    ],
    [
      "OpenAI's responses",
      [
        event("response.created", { type: "response.created", response: { id: "resp_1", usage: null } }),
        event("response.output_text.delta", { type: "response.output_text.delta", delta: "Hi" }),
        event("response.completed", {
          type: "response.completed",
          response: { id: "resp_1", usage: RESPONSES_USAGE, metadata: {} },
        }),
      ],
      used(36, 87),
    ],
    [
      "Anthropic's messages, input told at the beginning",
      [
        event("message_start", {
          type: "message_start",
          message: { usage: { input_tokens: 25, output_tokens: 1 } },
        }),
        event("content_block_delta", { type: "content_block_delta", delta: { text: "Hi" } }),
        event("message_delta", {
          type: "message_delta",
          delta: { stop_reason: "end_turn" },
          usage: { output_tokens: 15 },
        }),
        event("message_stop", { type: "message_stop" }),
      ],
      used(25, 15),
    ],
    [
      "Gemini's, the last counts for all before it",
      [
        chunk({ candidates: [], usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 2 } }),
        chunk({ candidates: [], usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 20 } }),
      ],
      used(8, 20),
    ],
    [
      "Gemini's without events, an array",
      [
        '[{"candidates":[],"usageMetadata":{"promptTokenCount":8}}',
        ',\n{"candidates":[],"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":20}}',
        "\n]",
      ],
      used(8, 20),
    ],
  ])("%s", (_, chunks, expected) => {
    expect(readUsage(chunks.join(""))).toEqual(expected);
  });

  test("are known from both ends of a long one", () => {
    const ends = new BothEnds();
    ends.add(
      Buffer.from(event("message_start", { message: { usage: { input_tokens: 25, output_tokens: 1 } } })),
    );
    for (let index = 0; index < 5_000; index += 1)
      ends.add(Buffer.from(event("content_block_delta", { index, delta: "word" })));
    ends.add(Buffer.from(event("message_delta", { usage: { output_tokens: 5_000 } })));
    ends.add(Buffer.from(event("message_stop", {})));
    expect(readUsage(ends.text())).toEqual(used(25, 5_000));
  });

  test("are not known from one that broke off before it told", () => {
    expect(readUsage(chunk({ choices: [{ delta: { content: "Hi" } }], usage: null }))).toBeUndefined();
  });
});
