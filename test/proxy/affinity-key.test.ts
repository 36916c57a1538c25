import { describe, expect, test } from "bun:test";

import type { AffinityMode } from "../../src/config/config.ts";
import { apiOf } from "../../src/providers/api.ts";
import { affinityOf, fieldsToNote } from "../../src/proxy/affinity-key.ts";
import { findModel } from "../../src/proxy/find-model.ts";
import { createRuntime } from "../../src/proxy/runtime.ts";
import { configWith } from "./config-with.ts";

interface Sent {
  readonly path?: string;
  readonly header?: string;
  readonly client?: string;
  readonly mode?: AffinityMode;
}

/** The hash that a request belongs to, as the request path finds it; undefined for none. */
function keyOf(
  json: object | string,
  { path = CHAT, header, client = "", mode = "prompt-cache" }: Sent = {},
) {
  const config = configWith({ clients: client === "" ? [] : [{ name: client, token: "t".repeat(20) }] });
  const runtime = createRuntime({ ...config, rotation: { ...config.rotation, affinity: mode } });
  const body = Buffer.from(typeof json === "string" ? json : JSON.stringify(json));
  const headers = new Headers({ "content-type": "application/json" });
  if (header !== undefined) headers.set("x-keycycle-affinity", header);
  const found = findModel({
    api: apiOf(path, headers),
    method: "POST",
    path,
    query: "",
    contentType: "application/json",
    body,
    noted: fieldsToNote(mode, body),
  });
  if (found.kind !== "found") throw new Error(found.message);
  const request = new Request(`http://localhost${path}`, { headers });
  return affinityOf({ runtime, request, path, client, size: found.size }, body, found.scan)?.hash;
}

const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";
const GENERATE = "/v1beta/models/gemini-2.5-flash:generateContent";

/** Over the least that providers cache. */
const LONG = "You are a careful assistant. ".repeat(200);
const TOOLS = [{ type: "function", function: { name: "look_up", description: "Looks things up." } }];

const user = (content: unknown) => ({ role: "user", content });
const system = { role: "system", content: LONG };
const answer = { role: "assistant", content: "Certainly." };

describe("requests that belong together by what they say", () => {
  test.each<[string, object]>([
    ["prompt_cache_key", { prompt_cache_key: "ours" }],
    ["user", { user: "ann" }],
    ["safety_identifier", { safety_identifier: "ann" }],
    ["metadata.user_id", { metadata: { user_id: "ann" } }],
  ])("%s, whatever they ask", (_, said) => {
    const one = keyOf({ model: "m", messages: [user("Hi")], ...said });
    expect(one).toBeNumber();
    expect(keyOf({ ...said, model: "m", messages: [system, user("Ho")], tools: TOOLS })).toBe(one);
    expect(keyOf({ model: "m", messages: [user("Hi")] })).toBeUndefined();
  });

  test("tells different keys apart", () => {
    const one = keyOf({ model: "m", messages: [], prompt_cache_key: "ours" });
    expect(keyOf({ model: "m", messages: [], prompt_cache_key: "theirs" })).not.toBe(one);
  });

  test("the header wins over prompt_cache_key, that over the person", () => {
    const json = { model: "m", messages: [user("Hi")], prompt_cache_key: "ours", user: "ann" };
    const byHeader = keyOf(json, { header: "job-7" });
    expect(keyOf({ model: "m", messages: [] }, { header: "job-7" })).toBe(byHeader);
    expect(keyOf(json)).toBe(keyOf({ model: "m", messages: [], prompt_cache_key: "ours" }));
    expect(keyOf(json)).not.toBe(byHeader);
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["an empty string", ""],
    ["a number", 7],
  ])("%s says nothing", (_, value) => {
    expect(keyOf({ model: "m", messages: [], prompt_cache_key: value, user: value })).toBeUndefined();
  });

  test("a person says nothing about what no provider caches", () => {
    expect(keyOf({ model: "m", input: "text", user: "ann" }, { path: "/v1/embeddings" })).toBeUndefined();
  });
});

describe("a conversation is known by its head", () => {
  const begins = [system, user("What is the capital of France?")];

  test("as it goes on", () => {
    const first = keyOf({ model: "m", tools: TOOLS, messages: begins });
    expect(first).toBeNumber();
    const later = { model: "m", tools: TOOLS, messages: [...begins, answer, user("And of Spain?")] };
    expect(keyOf(later)).toBe(first);
    expect(keyOf({ temperature: 1, stream: true, ...later })).toBe(first);
  });

  test("however its JSON is spaced", () => {
    const json = { model: "m", messages: begins };
    expect(keyOf(JSON.stringify(json, null, 2))).toBe(keyOf(json));
  });

  test("and told from others by its tools, its system prompt and its first question", () => {
    const all = [
      { model: "m", tools: TOOLS, messages: begins },
      { model: "m", messages: begins },
      { model: "m", messages: [{ ...system, content: `${LONG}!` }, begins[1]] },
      { model: "m", messages: [system, user("What is the capital of Peru, tell me?")] },
    ];
    expect(new Set(all.map((json) => keyOf(json))).size).toBe(4);
  });

  test("in Anthropic's form, though its cache mark moves on", () => {
    const mark = { cache_control: { type: "ephemeral" } };
    const question = { type: "text", text: "What is the capital of France?" };
    const prompt = [{ type: "text", text: LONG, ...mark }];
    const first = { model: "m", system: prompt, messages: [user([{ ...question, ...mark }])] };
    const later = {
      model: "m",
      system: prompt,
      messages: [user([question]), answer, user([{ type: "text", text: "Why?", ...mark }])],
    };
    expect(keyOf(first, { path: MESSAGES })).toBeNumber();
    expect(keyOf(later, { path: MESSAGES })).toBe(keyOf(first, { path: MESSAGES }));
    const asText = { ...first, messages: [user("What is the capital of France?")] };
    expect(keyOf(asText, { path: MESSAGES })).toBe(keyOf(first, { path: MESSAGES }));
  });

  test("in Gemini's", () => {
    const systemInstruction = { parts: [{ text: LONG }] };
    const ask = (text: string) => ({ role: "user", parts: [{ text }] });
    const first = { systemInstruction, contents: [ask("What is the capital of France?")] };
    const later = {
      systemInstruction,
      contents: [
        ...first.contents,
        { role: "model", parts: [{ text: "Paris, which is long" }] },
        ask("Why?"),
      ],
    };
    const other = { systemInstruction, contents: [ask("What is the capital of Peru, tell me?")] };
    expect(keyOf(first, { path: GENERATE })).toBeNumber();
    expect(keyOf(later, { path: GENERATE })).toBe(keyOf(first, { path: GENERATE }));
    expect(keyOf(other, { path: GENERATE })).not.toBe(keyOf(first, { path: GENERATE }));
  });

  test("in that of responses, as text or as items", () => {
    const first = { model: "m", instructions: LONG, input: [user("What is the capital of France?")] };
    const later = { ...first, input: [...first.input, answer, user("Why?")] };
    expect(keyOf(first, { path: "/v1/responses" })).toBeNumber();
    expect(keyOf(later, { path: "/v1/responses" })).toBe(keyOf(first, { path: "/v1/responses" }));
    const asText = { ...first, input: "What is the capital of France?" };
    expect(keyOf(asText, { path: "/v1/responses" })).toBe(keyOf(first, { path: "/v1/responses" }));
  });

  test("is none where it is shorter than what is cached, or what stands there is no prompt", () => {
    expect(keyOf({ model: "m", messages: [user("Hi")] })).toBeUndefined();
    expect(keyOf({ model: "m", input: LONG }, { path: "/v1/embeddings" })).toBeUndefined();
    expect(keyOf({ model: "m", note: LONG })).toBeUndefined();
  });

  test("has its head in the first part of a long message", () => {
    const long = "All of a large book. ".repeat(10_000);
    const first = { model: "m", messages: [user(long)] };
    const later = { model: "m", messages: [user(long), answer, user("Go on.")] };
    expect(keyOf(later)).toBe(keyOf(first));
  });
});

describe("rotation.affinity", () => {
  test("client: all requests of a client belong together, unless a header says otherwise", () => {
    const of = (client: string, header?: string) =>
      keyOf({ model: "m", prompt_cache_key: "x" }, { mode: "client", client, ...(header && { header }) });
    expect(of("ann")).toBeNumber();
    expect(of("ann")).not.toBe(of("bob"));
    expect(of("ann", "job-7")).toBe(of("bob", "job-7"));
    expect(of("")).toBeUndefined();
  });

  test("none: nothing does", () => {
    const json = { model: "m", messages: [system], prompt_cache_key: "x" };
    expect(keyOf(json, { mode: "none", header: "job-7" })).toBeUndefined();
  });
});
