import { describe, expect, test } from "bun:test";

import Anthropic, * as anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI, * as openai from "openai";

import { stage, type Stage, type StageKey } from "./harness.ts";

const TOKEN = "kc-token-of-the-laptop-7d1c";
const SECRET = "sk-key-of-the-owner-93ab";
const MESSAGES = [{ role: "user" as const, content: "Hi" }];
const GEMINI_BODY = { contents: [{ parts: [{ text: "Hi" }] }] };

interface Case {
  readonly sdk: string;
  readonly provider: NonNullable<StageKey["provider"]>;
  /** One small request with this as the SDK's API key. */
  readonly ask: (url: string, apiKey: string, model?: string) => Promise<unknown>;
  /** Where the upstream must find its own credential, and only there. */
  readonly credential: Readonly<Record<string, string>>;
  readonly errors: {
    readonly authentication: new (...args: never[]) => Error;
    readonly rateLimit: new (...args: never[]) => Error;
    readonly notFound: new (...args: never[]) => Error;
  };
}

const OPENAI_ERRORS = {
  authentication: openai.AuthenticationError,
  rateLimit: openai.RateLimitError,
  notFound: openai.NotFoundError,
};
const ANTHROPIC_ERRORS = {
  authentication: anthropic.AuthenticationError,
  rateLimit: anthropic.RateLimitError,
  notFound: anthropic.NotFoundError,
};
// Google's SDK has one class, with the status in it.
const GEMINI_ERRORS = { authentication: ApiError, rateLimit: ApiError, notFound: ApiError };

function askAnthropic(client: Anthropic, model = "claude-haiku-4-5"): Promise<unknown> {
  return client.messages.create({ model, max_tokens: 64, messages: MESSAGES });
}

const CASES: readonly Case[] = [
  {
    sdk: "OpenAI's",
    provider: "openai",
    ask: (url, apiKey, model = "gpt-4o") =>
      new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 }).chat.completions.create({
        model,
        messages: MESSAGES,
      }),
    credential: { authorization: `Bearer ${SECRET}` },
    errors: OPENAI_ERRORS,
  },
  {
    sdk: "OpenAI's, in a stream,",
    provider: "openai",
    ask: (url, apiKey, model = "gpt-4o") =>
      new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 }).chat.completions
        .stream({ model, messages: MESSAGES })
        .finalMessage(),
    credential: { authorization: `Bearer ${SECRET}` },
    errors: OPENAI_ERRORS,
  },
  {
    sdk: "Azure's",
    provider: "azure",
    ask: (url, apiKey, model = "gpt-4o") =>
      new openai.AzureOpenAI({
        apiKey,
        endpoint: url,
        apiVersion: "2024-10-21",
        maxRetries: 0,
      }).chat.completions.create({ model, messages: MESSAGES }),
    credential: { "api-key": SECRET },
    errors: OPENAI_ERRORS,
  },
  {
    sdk: "Anthropic's",
    provider: "anthropic",
    ask: (url, apiKey, model) =>
      askAnthropic(new Anthropic({ apiKey, authToken: null, baseURL: url, maxRetries: 0 }), model),
    credential: { "x-api-key": SECRET },
    errors: ANTHROPIC_ERRORS,
  },
  {
    sdk: "Anthropic's, with authToken,",
    provider: "anthropic",
    ask: (url, authToken, model) =>
      askAnthropic(new Anthropic({ apiKey: null, authToken, baseURL: url, maxRetries: 0 }), model),
    credential: { "x-api-key": SECRET },
    errors: ANTHROPIC_ERRORS,
  },
  {
    sdk: "Google's",
    provider: "gemini",
    ask: (url, apiKey, model = "gemini-2.5-flash") =>
      new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } }).models.generateContent({
        model,
        contents: "Hi",
      }),
    credential: { "x-goog-api-key": SECRET },
    errors: GEMINI_ERRORS,
  },
];

const PLACES = new Set(["authorization", "x-api-key", "api-key", "x-goog-api-key"]);

/** The credentials that the upstream was shown, and no trace of the client's in all of the request. */
function expectOnlyTheKey(it: Stage, credential: Readonly<Record<string, string>>): void {
  const { path, headers, rawHeaders } = it.simulator.requests.at(-1)!;
  const shown = Object.entries(headers).filter(([name]) => PLACES.has(name));
  expect(Object.fromEntries(shown)).toEqual(credential);
  expect(`${path} ${rawHeaders.join(" ")}`).not.toContain(TOKEN);
}

async function failure(attempt: Promise<unknown>): Promise<unknown> {
  return await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(CASES)("$sdk SDK", ({ provider, ask, credential, errors }) => {
  const config = { clients: [{ name: "laptop", token: TOKEN }] };

  test("gets in with the client's token, which the upstream never sees", async () => {
    await using it = await stage([{ secret: SECRET, provider }], { config });
    await ask(it.proxy.url, TOKEN);
    expectOnlyTheKey(it, credential);
    const line = await it.proxy.logged(({ event }) => event === "request");
    expect(line).toMatchObject({ client: "laptop", status: 200 });
  });

  test.each([
    { what: "a wrong token", token: "kc-token-of-nobody" },
    { what: "an upstream's key in the token's place", token: SECRET },
  ])("$what is its authentication error", async ({ token }) => {
    await using it = await stage([{ secret: SECRET, provider }], { config });
    const error = await failure(ask(it.proxy.url, token));
    expect(error).toBeInstanceOf(errors.authentication);
    expect(error).toMatchObject({ status: 401 });
    expect(it.simulator.requests).toHaveLength(0);
  });

  test("all keys being limited is its rate limit error", async () => {
    const fault = { kind: "limited", retryAfterMs: 60_000 } as const;
    await using it = await stage([
      { secret: "sk-full-1", provider, fault },
      { secret: "sk-full-2", provider, fault },
    ]);
    const error = await failure(ask(it.proxy.url, "unused"));
    expect(error).toBeInstanceOf(errors.rateLimit);
    expect(error).toMatchObject({ status: 429 });
    expect(String(error)).toContain("key-1 is limited");
    expect(String(error)).toContain("key-2 is limited");
  });

  test("a model that no key serves is its not-found error", async () => {
    await using it = await stage([{ secret: SECRET, provider, serves: ["only-this-one"] }]);
    const error = await failure(ask(it.proxy.url, "unused", "gpt-none"));
    expect(error).toBeInstanceOf(errors.notFound);
    expect(error).toMatchObject({ status: 404 });
    expect(String(error)).toContain("gpt-none");
    expect(it.simulator.requests).toHaveLength(0);
  });

  test("a model that its provider refuses on every key is its not-found error", async () => {
    await using it = await stage([
      { secret: "sk-without-1", provider, fault: { kind: "unserved-model" } },
      { secret: "sk-without-2", provider, fault: { kind: "unserved-model" } },
    ]);
    const error = await failure(ask(it.proxy.url, "unused"));
    expect(error).toBeInstanceOf(errors.notFound);
    expect(error).toMatchObject({ status: 404 });
    expect(it.simulator.requests).toHaveLength(2);
  });
});

describe("the token in the query, as Google's REST examples have it,", () => {
  const path = "/v1beta/models/gemini-2.5-flash:generateContent";
  const config = { clients: [{ name: "laptop", token: TOKEN }] };

  test.each([
    { query: `?key=${TOKEN}`, upstream: "" },
    { query: `?key=${TOKEN}&alt=json`, upstream: "?alt=json" },
    { query: `?alt=json&key=${TOKEN}&prettyPrint=false`, upstream: "?alt=json&prettyPrint=false" },
  ])("gets in and is taken out of $query", async ({ query, upstream }) => {
    await using it = await stage([{ secret: SECRET, provider: "gemini" }], { config });
    const response = await it.proxy.post(path + query, GEMINI_BODY);
    expect(response.status).toBe(200);
    expect(it.simulator.requests.at(-1)?.path).toBe(path + upstream);
    expectOnlyTheKey(it, { "x-goog-api-key": SECRET });
    await it.proxy.logged(({ event }) => event === "request");
    expect(it.proxy.output).not.toContain(TOKEN);
  });

  test("does not reach the upstream with its name percent-encoded either", async () => {
    await using it = await stage([{ secret: SECRET, provider: "gemini" }], { config });
    await it.proxy.post(`${path}?k%65y=${TOKEN}&note=key=`, GEMINI_BODY);
    for (const request of it.simulator.requests) expect(request.path).not.toContain(TOKEN);
  });

  test("is Google's UNAUTHENTICATED where it is wrong", async () => {
    await using it = await stage([{ secret: SECRET, provider: "gemini" }], { config });
    const response = await it.proxy.post(`${path}?key=wrong`, GEMINI_BODY);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 401, status: "UNAUTHENTICATED" } });
  });
});

test("every place of a token at once: none of them reaches the upstream", async () => {
  const config = { clients: [{ name: "laptop", token: TOKEN }] };
  await using it = await stage([{ secret: SECRET, provider: "openai" }], { config });
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    "x-api-key": TOKEN,
    "api-key": TOKEN,
    "x-goog-api-key": TOKEN,
  };
  const body = { model: "gpt-4o", messages: MESSAGES };
  const response = await it.proxy.post(`/v1/chat/completions?key=${TOKEN}`, body, headers);
  expect(response.status).toBe(200);
  expectOnlyTheKey(it, { authorization: `Bearer ${SECRET}` });
});
