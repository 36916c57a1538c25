import { describe, expect, test } from "bun:test";
import { assert, constantFrom, property, record, uint8Array } from "fast-check";

import { findModel, type ModelQuestion } from "../../src/proxy/find-model.ts";
import type { RequestSize } from "../../src/proxy/request-size.ts";

const GEMINI = { api: "gemini", path: "/v1beta/models/gemini-2.5-flash:generateContent" } as const;

function sizeOf(body: string | undefined, fields: Partial<ModelQuestion> = {}): RequestSize {
  const found = findModel({
    api: "openai",
    method: "POST",
    path: "/v1/responses",
    query: "",
    contentType: "application/json",
    ...fields,
    body: body === undefined ? undefined : Buffer.from(body),
  });
  if (found.kind === "invalid") throw new Error(found.message);
  return found.size;
}

const base64 = (bytes: number, seed = 7) =>
  Buffer.from(
    Uint8Array.from({ length: bytes }, (_, index) => (index * seed + (index >> 8)) & 0xff),
  ).toString("base64");

describe("the output that a request allows", () => {
  test.each([
    ['{"model":"m","max_tokens":512}', 512],
    ['{"max_completion_tokens":512,"model":"m","messages":[]}', 512],
    ['{"model":"m","max_output_tokens":512}', 512],
    ['{"model":"m","max_tokens":null,"max_completion_tokens":512}', 512],
    ['{"model":"m","max_tokens":1,"max_tokens":512}', 512],
    ['{"model":"m","max_tokens":"512"}', undefined],
    ['{"model":"m","max_tokens":-512}', undefined],
    ['{"model":"m","max_tokens":[512]}', undefined],
    ['{"model":"m","metadata":{"max_tokens":512}}', undefined],
    ['{"model":"m"}', undefined],
  ])("of %s is %p", (body, asked) => {
    expect(sizeOf(body).askedTokens).toBe(asked);
  });

  test.each([
    ['{"contents":[],"generationConfig":{"temperature":1,"maxOutputTokens":512}}', 512],
    ['{"contents":[],"generation_config":{"max_output_tokens":512}}', 512],
    ['{"contents":[{"maxOutputTokens":512}],"generationConfig":{}}', undefined],
    ['{"contents":[],"generationConfig":{"thinkingConfig":{"maxOutputTokens":512}}}', undefined],
  ])("of Gemini's %s is %p", (body, asked) => {
    expect(sizeOf(body, GEMINI).askedTokens).toBe(asked);
  });
});

describe("the text of a request", () => {
  test("is all of a body without data", () => {
    const body = JSON.stringify({ model: "m", input: "Tell me a story. ".repeat(1_000) });
    expect(sizeOf(body)).toMatchObject({ textBytes: body.length, dataStrings: 0 });
  });

  test.each([
    ["OpenAI", (data: string) => [{ image_url: { url: `data:image/png;base64,${data}` } }], {}],
    ["Anthropic", (data: string) => [{ source: { type: "base64", media_type: "image/png", data } }], {}],
    ["Gemini", (data: string) => ({ parts: [{ inlineData: { mimeType: "image/png", data } }] }), GEMINI],
  ])("is what stands around an image in the form of %s", (_, part, fields) => {
    const around = JSON.stringify({ model: "m", input: part("") }).length;
    const size = sizeOf(JSON.stringify({ model: "m", input: part(base64(1_000_000)) }), fields);
    expect(size.dataStrings).toBe(1);
    expect(size.textBytes).toBeWithin(around - 50, around + 1);
  });

  test("counts each of several images", () => {
    const images = [base64(5_000, 3), base64(9_000, 5), base64(20_000, 9)];
    expect(sizeOf(JSON.stringify({ model: "m", input: images, image: base64(6_000) })).dataStrings).toBe(4);
  });

  test("is also what is long and without a space, but not of base64's letters alone", () => {
    const texts = ["日本語の文章です。".repeat(1_000), "if(a){b();}".repeat(1_000), "word ".repeat(2_000)];
    for (const text of texts) expect(sizeOf(JSON.stringify({ model: "m", input: text })).dataStrings).toBe(0);
  });

  test("is also a short string of base64", () => {
    expect(sizeOf(JSON.stringify({ model: "m", input: base64(1_000) })).dataStrings).toBe(0);
  });

  test("is told from data whatever the data is, and however its slashes are written", () => {
    const bytes = uint8Array({ minLength: 3_100, maxLength: 6_000 });
    const forms = record({
      url: constantFrom("", "data:image/jpeg;base64,"),
      slash: constantFrom("/", "\\/"),
    });
    assert(
      property(bytes, forms, (image, { url, slash }) => {
        const data = url + Buffer.from(image).toString("base64");
        const body = JSON.stringify({ model: "m", input: data }).replaceAll("/", slash);
        expect(sizeOf(body)).toMatchObject({ dataStrings: 1 });
      }),
      { numRuns: 50 },
    );
  });
});

describe("a request that is no JSON", () => {
  test("is one thing where it is a form, or an upload of bytes, however large", () => {
    const form = `--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n${"a".repeat(100_000)}\r\n--x--\r\n`;
    const one = { textBytes: 0, dataStrings: 1, askedTokens: undefined };
    expect(sizeOf(form, { contentType: "multipart/form-data; boundary=x" })).toEqual(one);
    expect(sizeOf("\u0001".repeat(100_000), { contentType: "audio/mpeg" })).toEqual(one);
  });

  test("is nothing where it has no body", () => {
    expect(sizeOf(undefined, { method: "GET", path: "/v1/models" })).toMatchObject({
      textBytes: 0,
      dataStrings: 0,
    });
  });

  test("is text where it is broken JSON that an upstream is to judge", () => {
    expect(sizeOf('{"contents":[', GEMINI)).toMatchObject({ textBytes: 13 });
  });
});
