import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { CHAT, stage, type Stage } from "./harness.ts";
import { request, sendRaw } from "./raw.ts";

/** One proxy for all: that it still serves after each of them is part of what is tested. */
let it: Stage;
beforeAll(async () => {
  it = await stage([{ secret: "sk-1", serves: ["gpt-4o-mini", "claude-haiku-4-5", "whisper-1"] }], {
    config: { server: { maxBody: "2KB", readTimeout: "300ms" } },
  });
});
afterAll(async () => await it[Symbol.asyncDispose]());

async function expectStillServing(): Promise<void> {
  const response = await it.proxy.post("/v1/chat/completions", CHAT);
  expect(response.status).toBe(200);
  await response.text();
}

/** What reaches the upstream while a request that must not is answered. */
async function unforwarded(send: () => Promise<Response>): Promise<{ status: number; body: unknown }> {
  const before = it.simulator.requests.length;
  const response = await send();
  const body: unknown = await response.json();
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(it.simulator.requests).toHaveLength(before);
  await expectStillServing();
  return { status: response.status, body };
}

const APIS = [
  { api: "OpenAI", path: "/v1/chat/completions", error: (code: string) => ({ error: { code } }) },
  {
    api: "Anthropic",
    path: "/v1/messages",
    error: () => ({ type: "error", error: { type: "invalid_request_error" } }),
  },
  {
    api: "Gemini in OpenAI's form",
    path: "/v1beta/openai/chat/completions",
    error: (code: string) => ({ error: { code } }),
  },
  { api: "Azure", path: "/openai/v1/chat/completions", error: (code: string) => ({ error: { code } }) },
];

const BODIES = [
  { is: "malformed JSON", body: "{'model': 'gpt-4o-mini'}", code: "invalid_json", says: "at byte 1" },
  {
    is: "truncated JSON",
    body: '{"model":"gpt-4o-mini","messages":[{"ro',
    code: "invalid_json",
    says: "breaks off",
  },
  { is: "text after the JSON", body: '{"model":"gpt-4o-mini"} x', code: "invalid_json", says: "at byte 24" },
  { is: "a number as the model", body: '{"model":4}', code: "invalid_model", says: "must be a string" },
  { is: "null as the model", body: '{"model":null}', code: "missing_model", says: '"model"' },
  {
    is: "a list as the model",
    body: '{"model":["gpt-4o-mini"]}',
    code: "invalid_model",
    says: "must be a string",
  },
  {
    is: "the model twice",
    body: '{"model":"gpt-4o-mini","model":"o3"}',
    code: "duplicate_model",
    says: 'has the field "model" twice, again at byte 23',
  },
  {
    is: "the model twice, one escaped",
    body: '{"model":"gpt-4o-mini","mod\\u0065l":"o3"}',
    code: "duplicate_model",
    says: "twice",
  },
  {
    is: "the model twice, in another case",
    body: '{"Model":"gpt-4o-mini","model":"o3"}',
    code: "duplicate_model",
    says: "twice",
  },
  { is: "no model", body: '{"messages":[]}', code: "missing_model", says: '"model"' },
  { is: "an empty model", body: '{"model":""}', code: "missing_model", says: '"model"' },
  { is: "no body", body: "", code: "missing_model", says: '"model"' },
  { is: "an array", body: "[]", code: "missing_model", says: '"model"' },
  {
    is: "an endless model",
    body: JSON.stringify({ model: "m".repeat(300) }),
    code: "invalid_model",
    says: "256",
  },
];

describe.each(APIS)("in $api's form, a body with", ({ path, error }) => {
  test.each(BODIES)("$is is a 400 that says so", async ({ body, code, says }) => {
    const answer = await unforwarded(() => it.proxy.post(path, body));
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject(error(code));
    expect(JSON.stringify(answer.body)).toContain(says.replaceAll('"', '\\"'));
  });
});

test.each([
  { path: "/v1/embeddings" },
  { path: "/v1/messages/count_tokens" },
  { path: "/v1/completions" },
  { path: "/v1/audio/speech" },
])("$path needs a model", async ({ path }) => {
  const answer = await unforwarded(() => it.proxy.post(path, { input: "Hi" }));
  expect(answer.status).toBe(400);
  expect(JSON.stringify(answer.body)).toContain("names no model");
});

describe("an unknown model is not found", () => {
  test.each([
    { path: "/v1/chat/completions", error: { error: { code: "model_not_found", param: "model" } } },
    { path: "/v1/messages", error: { type: "error", error: { type: "not_found_error" } } },
    { path: "/openai/deployments/o3/chat/completions", error: { error: { code: "model_not_found" } } },
    { path: "/v1beta/models/o3:generateContent", error: { error: { code: 404, status: "NOT_FOUND" } } },
  ])("at $path", async ({ path, error }) => {
    const answer = await unforwarded(() => it.proxy.post(path, { model: "o3", messages: [] }));
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject(error);
    expect(JSON.stringify(answer.body)).toContain('the model \\"o3\\"');
  });
});

async function postForm(
  body: string | FormData,
  type = "multipart/form-data; boundary=b",
): Promise<Response> {
  return await fetch(`${it.proxy.url}/v1/audio/transcriptions`, {
    method: "POST",
    body,
    ...(typeof body === "string" ? { headers: { "content-type": type } } : {}),
  });
}

describe("a form", () => {
  test("without a model is a 400", async () => {
    const form = new FormData();
    form.set("file", new File(["audio"], "a.mp3"));
    const answer = await unforwarded(() => postForm(form));
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "missing_model" } } });
  });

  test.each([
    { is: "without its boundary", body: "model=whisper-1" },
    { is: "that breaks off in a part's headers", body: "--b\r\nContent-Disposition: form-data; na" },
    {
      is: "that breaks off in a part",
      body: '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhis',
    },
  ])("$is is a 400", async ({ body }) => {
    const answer = await unforwarded(() => postForm(body));
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_form" } } });
  });

  test("with the model twice is a 400: parsers disagree on which one counts", async () => {
    const form = new FormData();
    form.append("model", "whisper-1");
    form.append("model", "o3");
    const answer = await unforwarded(() => postForm(form));
    expect(answer.status).toBe(400);
  });
});

const JSON_HEADERS = { Host: "localhost", "Content-Type": "application/json" };

describe("a body over server.maxBody", () => {
  const large = JSON.stringify({ ...CHAT, user: "u".repeat(3_000) });

  test.each([
    { path: "/v1/chat/completions", error: { error: { code: "request_too_large" } } },
    { path: "/v1/messages", error: { type: "error", error: { type: "request_too_large" } } },
    { path: "/v1beta/models/m:generateContent", error: { error: { code: 413, status: "INVALID_ARGUMENT" } } },
  ])("is a 413 at $path", async ({ path, error }) => {
    const answer = await unforwarded(() => it.proxy.post(path, large));
    expect(answer).toMatchObject({ status: 413, body: error });
  });

  test("is a 413 where it comes in chunks of no declared length", async () => {
    const before = it.simulator.requests.length;
    const chunk = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
    const answer = await sendRaw(
      it.proxy.url,
      request(
        "POST /v1/chat/completions HTTP/1.1",
        { ...JSON_HEADERS, "Transfer-Encoding": "chunked" },
        chunk,
      ),
    );
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "request_too_large" } });
    expect(it.simulator.requests).toHaveLength(before);
    await expectStillServing();
  });

  test("is a 413 at once where its declared length says so, before any of it is sent", async () => {
    const headers = { ...JSON_HEADERS, "Content-Length": "1000000000", Expect: "100-continue" };
    const answer = await sendRaw(it.proxy.url, request("POST /v1/chat/completions HTTP/1.1", headers));
    expect(answer.status).toBe(413);
    await expectStillServing();
  });

  test("is never taken for the next request", async () => {
    const before = it.simulator.requests.length;
    const inner = request("GET /v1/smuggled HTTP/1.1", { Host: "localhost" });
    const body = `{"model":"gpt-4o-mini","user":"${"u".repeat(2_000)}\r\n\r\n${inner}${inner}"}`;
    const headers = { ...JSON_HEADERS, "Content-Length": String(body.length) };
    const answer = await sendRaw(it.proxy.url, request("POST /v1/chat/completions HTTP/1.1", headers, body));
    expect(answer.status).toBe(413);
    await expectStillServing();
    expect(it.simulator.requests.slice(before).map(({ path }) => path)).toEqual(["/v1/chat/completions"]);
  });

  test("goes through as an upload of plain bytes", async () => {
    const bytes = new Uint8Array(10_000);
    await fetch(`${it.proxy.url}/v1/uploads/parts?model=whisper-1`, {
      method: "POST",
      body: bytes,
      headers: { "content-type": "application/octet-stream" },
    });
    expect(it.simulator.requests.at(-1)?.bodyBytes).toBe(10_000);
  });
});

test.each([
  { is: "of a declared length", framing: { "Content-Length": "100" }, start: '{"model"' },
  { is: "in chunks", framing: { "Transfer-Encoding": "chunked" }, start: "1\r\n{\r\n" },
])("a body $is that stalls is a 408", async ({ framing, start }) => {
  const headers = { Host: "localhost", "Content-Type": "application/json", ...framing };
  const answer = await sendRaw(it.proxy.url, request("POST /v1/messages HTTP/1.1", headers, start));
  expect(answer.status).toBe(408);
  // Nobody may keep a connection for a request that was given up.
  expect(answer.headers["connection"]).toBe("close");
  expect(JSON.parse(answer.body)).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
  expect(answer.body).toContain("server.readTimeout");
  await expectStillServing();
});
