import { describe, expect, test } from "bun:test";
import { array, assert, asyncProperty, nat } from "fast-check";

import { readErrorBody } from "../../src/providers/error-body.ts";
import type { Patience } from "../../src/proxy/patience.ts";
import { readHead } from "../../src/proxy/stream-head.ts";
import type { BodyReader } from "../../src/proxy/relay.ts";
import { bodyOf, cut } from "./body-of.ts";

const endless = (): Patience => ({ ranOut: new Promise(() => {}), end: () => {} });

const readEvents = (...chunks: (string | Uint8Array)[]) => readHead(bodyOf(chunks), true, null, endless);
const readOther = (...chunks: (string | Uint8Array)[]) => readHead(bodyOf(chunks), false, null, endless);

const textOf = (chunks: readonly Uint8Array[]) => Buffer.concat([...chunks]).toString("utf8");

const offsets = array(nat(10_000), { maxLength: 6 });

const OPENAI_CHUNK =
  'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"delta":{"content":"Hi"}}],"error":null}\n\n';
const ANTHROPIC_START =
  'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":1}}}\n\n';

/** The first event of each provider's stream where it failed before it began, and what its error says. */
const ERROR_STREAMS: [string, string, object][] = [
  [
    "OpenAI's chat completions",
    'data: {"error":{"message":"Rate limit reached","type":"tokens","param":null,"code":"rate_limit_exceeded"}}\n\n',
    { code: "rate_limit_exceeded", type: "tokens" },
  ],
  [
    "OpenAI's responses",
    'event: error\ndata: {"type":"error","code":"rate_limit_exceeded","message":"Rate limit reached","param":null,"sequence_number":0}\n\n',
    { code: "rate_limit_exceeded" },
  ],
  [
    "OpenAI's responses, as one that failed",
    'event: response.failed\ndata: {"type":"response.failed","response":{"id":"resp_1","object":"response","status":"failed","error":{"code":"rate_limit_exceeded","message":"Rate limit reached"}},"sequence_number":0}\n\n',
    { code: "rate_limit_exceeded" },
  ],
  [
    "Anthropic",
    'event: error\ndata: {"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}\n\n',
    { type: "overloaded_error" },
  ],
  [
    "Gemini",
    'data: {"error": {"code": 503,"message": "The model is overloaded.","status": "UNAVAILABLE"}}\r\n\r\n',
    { status: 503, type: "UNAVAILABLE" },
  ],
  [
    "Gemini's interactions",
    'event: error\ndata: {"event_type":"error","error":{"code":"invalid_request","message":"m"}}\n\n',
    { code: "invalid_request" },
  ],
  [
    "OpenRouter",
    'data: {"error":{"code":429,"message":"Rate limit exceeded"},"user_id":"user_1"}\n\n',
    { status: 429 },
  ],
  [
    "OpenRouter, as one of its chunks",
    'data: {"id":"gen-1","object":"chat.completion.chunk","provider":"OpenAI","error":{"code":502,"message":"Provider disconnected"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}\n\n',
    { status: 502 },
  ],
];

test("pings and events without data are not what a stream begins with", async () => {
  const error = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
  const head = await readEvents(
    'event: ping\ndata: {"type":"ping"}\n\ndata:\n\n',
    `event: error\ndata: ${error}\n\n`,
  );
  expect(head.error).toBe(error);
});

describe("a stream that begins with an error", () => {
  test.each(ERROR_STREAMS)("of %s is known by it", async (_, stream, facts) => {
    const { error } = await readEvents(stream);
    expect(readErrorBody(error ?? "")).toMatchObject(facts);
  });

  test.each(ERROR_STREAMS)(
    "of %s is known after keep-alives, with any line ends",
    async (_, stream, facts) => {
      for (const lineEnd of ["\n", "\r\n", "\r"]) {
        const text = `: keep-alive\n\n\n: OPENROUTER PROCESSING\n\n${stream}`.replaceAll(/\r?\n/g, lineEnd);
        const { error } = await readEvents(text);
        expect(readErrorBody(error ?? "")).toMatchObject(facts);
      }
    },
  );

  test.each(ERROR_STREAMS)("of %s is known however it was cut", (_, stream, facts) =>
    assertForAllCuts(async (at) => {
      const { error } = await readEvents(...cut(`: keep-alive\r\n\r\n${stream}`, at));
      expect(readErrorBody(error ?? "")).toMatchObject(facts);
    }),
  );

  test("of Gemini without events, which is an array, is known", async () => {
    const { error } = await readOther(
      '[{\n  "error": {\n    "code": 429,\n    "message": "m",\n    "status": "RESOURCE_EXHAUSTED"\n  }\n}\n]',
    );
    expect(readErrorBody(error ?? "")).toMatchObject({ status: 429, type: "RESOURCE_EXHAUSTED" });
  });

  test("of Gemini without events is known however it was cut", () =>
    assertForAllCuts(async (at) => {
      const { error } = await readOther(
        ...cut('[{\n  "error": {\n    "code": 429,\n    "message": "m"\n  }\n}\n]', at),
      );
      expect(readErrorBody(error ?? "")).toMatchObject({ status: 429 });
    }));

  test("is known where the error is no event at all, as Google's SDK expects it", async () => {
    const { error } = await readEvents('{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}');
    expect(readErrorBody(error ?? "")).toMatchObject({ status: 429 });
  });

  test("is known where fields stand between its name and its data", async () => {
    const { error } = await readEvents(
      'event: error\nid: 1\ndata: {"code":"server_error","message":"m"}\n\n',
    );
    expect(readErrorBody(error ?? "")).toMatchObject({ code: "server_error" });
  });

  test("is known by an event that ends with the stream", async () => {
    expect(await readEvents('data: {"error":{"message":"m"}}')).toMatchObject({
      ended: true,
      error: expect.any(String),
    });
  });

  test("is known by an answer that waited with empty lines", async () => {
    const { error } = await readOther("\n", "\n\n", '{"error":{"message":"m","code":"server_error"}}');
    expect(readErrorBody(error ?? "")).toMatchObject({ code: "server_error" });
  });
});

describe("a stream that begins well", () => {
  test.each([
    ["OpenAI", OPENAI_CHUNK],
    ["Anthropic", ANTHROPIC_START],
    ["Anthropic with a ping", 'event: ping\ndata: {"type": "ping"}\n\n'],
    ["Gemini", 'data: {"candidates": [{"content": {"parts": [{"text": "Hi"}]}}]}\r\n\r\n'],
    ["a talk of errors", 'data: {"choices":[{"delta":{"content":"{\\"error\\":{}}"}}]}\n\n'],
    ["the end", "data: [DONE]\n\n"],
  ])("of %s has no error", async (_, stream) => {
    expect((await readEvents(stream)).error).toBeUndefined();
  });

  test("is held until its first event is whole, and no longer", async () => {
    const head = await readEvents(": keep-alive\n\n", "data: {", '"a":1}\n', "\n", "data: later\n\n");
    expect(textOf(head.chunks)).toBe(': keep-alive\n\ndata: {"a":1}\n\n');
    expect(head.ended).toBe(false);
  });

  test("loses nothing, however it was cut", () =>
    assertForAllCuts(async (at) => {
      const body = bodyOf(cut(`: keep-alive\r\n\r\n${ANTHROPIC_START}é${OPENAI_CHUNK}`, at));
      const { chunks } = await readHead(body, true, null, endless);
      const rest: Uint8Array[] = [];
      for (;;) {
        const { done, value } = await body.read();
        if (done) break;
        rest.push(value);
      }
      expect(textOf([...chunks, ...rest])).toBe(`: keep-alive\r\n\r\n${ANTHROPIC_START}é${OPENAI_CHUNK}`);
    }));

  test("of anything but events is held for its first chunk only", async () => {
    const { chunks } = await readOther('[{"candidates":[]}', ',{"candidates":[]}]');
    expect(textOf(chunks)).toBe('[{"candidates":[]}');
  });

  test("that is empty has ended", async () => {
    expect(await readEvents()).toMatchObject({ chunks: [], ended: true, error: undefined });
  });
});

describe("a stream that keeps its client waiting", () => {
  test("is let through when patience runs out, though nothing more comes, and loses nothing", async () => {
    const impatient = Promise.withResolvers<undefined>();
    const later = Promise.withResolvers<{ done: false; value: Uint8Array }>();
    const reads = [
      Promise.resolve({ done: false as const, value: Buffer.from(": wait\n\n") }),
      later.promise,
    ];
    const body: BodyReader = {
      read: () => reads.shift() ?? Promise.resolve({ done: true }),
      cancel: async () => {},
    };
    let ended = 0;
    const patience = { ranOut: impatient.promise, end: () => (ended += 1) };
    const reading = readHead(body, true, null, () => patience);
    impatient.resolve(undefined);
    const head = await reading;
    expect(textOf(head.chunks)).toBe(": wait\n\n");
    expect(head).toMatchObject({ ended: false, error: undefined });
    expect(ended).toBe(1);

    later.resolve({ done: false, value: Buffer.from(OPENAI_CHUNK) });
    expect(Buffer.from((await head.rest.read()).value ?? "").toString()).toBe(OPENAI_CHUNK);
    expect((await head.rest.read()).done).toBe(true);
  });

  test("is waited for without a bound of its own until its first bytes are there", async () => {
    const broken = () => {
      throw new Error("Nothing had come yet");
    };
    expect((await readHead(bodyOf([OPENAI_CHUNK]), true, null, broken)).error).toBeUndefined();
  });

  test("is let through after 64 kB without an event", async () => {
    const { chunks, ended } = await readEvents(
      ...Array.from({ length: 100 }, () => `: ${"x".repeat(1_024)}\n`),
    );
    expect(ended).toBe(false);
    expect(textOf(chunks).length).toBeLessThan(70_000);
  });

  test("that breaks off before its first event is a failure", async () => {
    const reading = readHead(bodyOf([": keep-alive\n\n"], new Error("ECONNRESET")), true, null, endless);
    await expect(reading).rejects.toThrow("ECONNRESET");
  });
});

/** Holds wherever the stream is cut. */
async function assertForAllCuts(holds: (cutAt: number[]) => Promise<void>): Promise<void> {
  await assert(asyncProperty(offsets, holds));
}
