import { describe, expect, test } from "bun:test";

import { Tally } from "../../../src/proxy/websocket/tally.ts";

const message = (value: unknown) => ({ data: Buffer.from(JSON.stringify(value)), isText: true });
const usage = (input_tokens: number, output_tokens: number) => ({ input_tokens, output_tokens });

describe("what went over a WebSocket", () => {
  test("is counted in messages and bytes, each way by itself", () => {
    const tally = new Tally();
    tally.sent("ä");
    tally.sent(Buffer.alloc(10));
    tally.received({ data: Buffer.alloc(7), isText: false });
    expect(tally.counts).toEqual({ messagesSent: 2, bytesSent: 12, messagesReceived: 1, bytesReceived: 7 });
    expect(tally.usage).toBeUndefined();
  });

  test("used what its responses say, all together", () => {
    const tally = new Tally();
    tally.received(message({ type: "response.done", response: { usage: usage(10, 4) } }));
    tally.received(message({ type: "response.completed", response: { usage: usage(5, 1) } }));
    tally.received(message({ type: "response.created", response: { usage: null } }));
    tally.received(
      message({ serverContent: {}, usageMetadata: { promptTokenCount: 3, responseTokenCount: 2 } }),
    );
    expect(tally.usage).toEqual({ inputTokens: 18, outputTokens: 7 });
  });

  test("is not looked into for the word alone", () => {
    const tally = new Tally();
    tally.received(message({ type: "response.output_text.delta", delta: '{"usage":{"input_tokens":1}}' }));
    expect(tally.usage).toBeUndefined();
  });
});
