/*
 * What goes over the wire, built once: the origin and the load generator only write prepared bytes, so
 * that the core they share is never the slower one. Both sides know every byte of an answer beforehand,
 * and the load generator checks each.
 */

/** What a request asks of the origin; it travels in the header `x-workload`. */
export type Workload = "plain" | "slow" | "stream" | "long-stream";

/** How a streamed answer is paced. */
export interface Pace {
  readonly chunks: number;
  readonly everyMs: number;
}

export const STREAM: Pace = { chunks: 50, everyMs: 20 };

/** 5,000 of these are 10,000 chunks a second, which one core can relay: what is asked is whether all are held. */
export const LONG_STREAM: Pace = { chunks: 20, everyMs: 500 };

export const SLOW_ANSWER_MS = 1000;

export const CLIENT_TOKEN = "kc-bench-client-token";
export const UPSTREAM_KEY = "sk-bench-upstream-key";

const PROMPT =
  "Summarise the following incident report for the people on call, in three sentences, and say what to do next. ";

function requestBody(stream: boolean): string {
  return JSON.stringify({
    model: "gpt-4o-mini",
    messages: [
      { role: "system", content: "You are a careful engineer. Answer briefly and in plain words." },
      { role: "user", content: PROMPT.repeat(8) },
    ],
    temperature: 0.2,
    max_tokens: 256,
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  });
}

/** A request as OpenAI's SDK sends it, with its headers and 1.1 kB of JSON. */
export function requestBytes(port: number, workload: Workload): Buffer {
  const body = requestBody(workload === "stream" || workload === "long-stream");
  const head = [
    "POST /v1/chat/completions HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${CLIENT_TOKEN}`,
    "accept: application/json",
    "content-type: application/json",
    "user-agent: OpenAI/JS 7.57.0",
    "x-stainless-lang: js",
    "x-stainless-os: Linux",
    "x-stainless-arch: x64",
    "x-stainless-runtime: node",
    "x-stainless-retry-count: 0",
    `x-workload: ${workload}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

const OPENAI_HEADERS = [
  "date: Thu, 01 Jan 2026 00:00:00 GMT",
  "openai-organization: bench",
  "openai-processing-ms: 412",
  "openai-version: 2020-10-01",
  "x-ratelimit-limit-requests: 1000000",
  "x-ratelimit-limit-tokens: 1000000000",
  "x-ratelimit-remaining-requests: 999999",
  "x-ratelimit-remaining-tokens: 999999000",
  "x-ratelimit-reset-requests: 6ms",
  "x-ratelimit-reset-tokens: 1ms",
  "x-request-id: req_0123456789abcdef0123456789abcdef",
];

const USAGE = { prompt_tokens: 212, completion_tokens: 48, total_tokens: 260 };

/** The body of a plain answer, about 700 bytes. */
export const PLAIN_BODY = Buffer.from(
  JSON.stringify({
    id: "chatcmpl-0123456789abcdefghijklmnopqrs",
    object: "chat.completion",
    created: 1767225600,
    model: "gpt-4o-mini-2024-07-18",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content:
            "The database ran out of connections after the release. Traffic was moved to the standby. ".repeat(
              3,
            ),
          refusal: null,
        },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: { ...USAGE, prompt_tokens_details: { cached_tokens: 0 } },
    system_fingerprint: "fp_0123456789",
  }),
);

export const PLAIN_ANSWER = Buffer.concat([
  answerHead("application/json", `content-length: ${PLAIN_BODY.length}`),
  PLAIN_BODY,
]);

/** A streamed answer's chunks, each with its chunked framing, head and end of the answer included. */
export function streamWrites(pace: Pace): Buffer[] {
  return Array.from({ length: pace.chunks }, (_, index) => {
    const event = streamEvent(index, pace.chunks);
    return Buffer.concat([
      index === 0
        ? answerHead("text/event-stream; charset=utf-8", "transfer-encoding: chunked")
        : Buffer.alloc(0),
      Buffer.from(`${event.length.toString(16)}\r\n`),
      event,
      Buffer.from(index === pace.chunks - 1 ? "\r\n0\r\n\r\n" : "\r\n"),
    ]);
  });
}

/** All that a client has to get of a streamed answer. */
export function streamBody(pace: Pace): Buffer {
  return Buffer.concat(Array.from({ length: pace.chunks }, (_, index) => streamEvent(index, pace.chunks)));
}

function answerHead(contentType: string, framing: string): Buffer {
  return Buffer.from(
    `${["HTTP/1.1 200 OK", `content-type: ${contentType}`, ...OPENAI_HEADERS, framing].join("\r\n")}\r\n\r\n`,
  );
}

/** About 180 bytes; each differs, so that a swapped or doubled chunk shows. */
function streamEvent(index: number, count: number): Buffer {
  if (index === count - 1) return Buffer.from("data: [DONE]\n\n");
  const isUsage = index === count - 2;
  const data = {
    id: "chatcmpl-0123456789",
    object: "chat.completion.chunk",
    created: 1767225600,
    model: "gpt-4o-mini",
    choices: isUsage ? [] : [{ index: 0, delta: { content: ` word ${index}` }, finish_reason: null }],
    ...(isUsage ? { usage: USAGE } : {}),
  };
  return Buffer.from(`data: ${JSON.stringify(data)}\n\n`);
}
