import { expect, test } from "bun:test";

import { parseBaseUrl, parseOrigin } from "../../src/config/base-url.ts";

test.each([
  ["https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1"],
  ["https://api.openai.com/v1/responses/", "https://api.openai.com/v1"],
  ["https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1"],
  ["https://llm.example/api/v2/embeddings", "https://llm.example/api/v2"],
  ["https://llm.example/chat/completions", "https://llm.example"],
  ["https://g.example/v1beta/models/gemini-pro:generateContent", "https://g.example/v1beta"],
  ["https://a.example/openai/deployments/d/chat/completions?api-version=2024-10-21", "https://a.example"],
  ["https://api.openai.com/v1?x=1#y", "https://api.openai.com/v1"],
])("%s is told as the base URL that is meant", (written, meant) => {
  expect(parseBaseUrl(written)).toMatchObject({ ok: false, instead: meant });
  expect(parseBaseUrl(meant)).toMatchObject({ ok: true });
});

test.each([
  "https://llm.example/messages",
  "https://llm.example/v1/models-of-ours",
  "https://a.example/openai/deployments/d",
])("%s may be a base URL", (written) => {
  expect(parseBaseUrl(written)).toEqual({ ok: true, value: written });
});

test("a part of the path that looks like a key is not repeated", () => {
  const parsed = parseBaseUrl("https://llm.example/sk-0123456789abcdef/v1/chat/completions");
  expect(JSON.stringify(parsed)).not.toContain("sk-");
});

test.each([
  ["app.example.com", "https://app.example.com"],
  ["localhost:3000", "http://localhost:3000"],
  ["http://app.example.com/page", "http://app.example.com"],
])("the origin of %s is told", (written, meant) => {
  expect(parseOrigin(written)).toMatchObject({ ok: false, instead: meant });
});
