import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, property } from "fast-check";

import { dropKeyParameter, escapesBase, parseBaseUrl, upstreamUrl } from "../../src/proxy/upstream-url.ts";

const join = (base: string, path: string, query = "") => upstreamUrl(parseBaseUrl(base), path, query);

describe("the URL at the upstream", () => {
  test.each([
    ["https://api.openai.com", "/v1/chat/completions", "https://api.openai.com/v1/chat/completions"],
    ["https://api.openai.com/v1", "/v1/chat/completions", "https://api.openai.com/v1/chat/completions"],
    ["https://api.openai.com/v1", "/chat/completions", "https://api.openai.com/v1/chat/completions"],
    ["https://api.openai.com/v1", "/v1", "https://api.openai.com/v1"],
    ["https://api.openai.com/v1", "/v1beta/models", "https://api.openai.com/v1/v1beta/models"],
    ["https://openrouter.ai/api/v1", "/v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions"],
    [
      "https://openrouter.ai/api/v1",
      "/api/v1/chat/completions",
      "https://openrouter.ai/api/v1/chat/completions",
    ],
    ["https://api.groq.com/openai/v1", "/v1/models", "https://api.groq.com/openai/v1/models"],
    ["https://api.groq.com/openai/v1", "/openai/v1/models", "https://api.groq.com/openai/v1/models"],
    ["https://api.groq.com/openai", "/v1/models", "https://api.groq.com/openai/v1/models"],
    ["https://api.fireworks.ai/inference/v1", "/v1/models", "https://api.fireworks.ai/inference/v1/models"],
    [
      "https://g.example/v1beta",
      "/v1beta/models/a:generateContent",
      "https://g.example/v1beta/models/a:generateContent",
    ],
    [
      "https://g.example/v1beta",
      "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
      "https://g.example/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
    ],
    [
      "https://g.example/v1beta/openai",
      "/v1/chat/completions",
      "https://g.example/v1beta/openai/chat/completions",
    ],
    ["https://g.example/v1beta/openai", "/v1beta/openai/models", "https://g.example/v1beta/openai/models"],
    [
      "https://acme.openai.azure.com/openai/v1",
      "/v1/responses",
      "https://acme.openai.azure.com/openai/v1/responses",
    ],
    [
      "https://acme.openai.azure.com",
      "/openai/deployments/a/chat/completions",
      "https://acme.openai.azure.com/openai/deployments/a/chat/completions",
    ],
    ["https://api.groq.com", "/v1/models", "https://api.groq.com/openai/v1/models"],
    ["https://api.groq.com", "/openai/v1/models", "https://api.groq.com/openai/v1/models"],
    ["https://openrouter.ai", "/v1/messages", "https://openrouter.ai/api/v1/messages"],
    ["https://openrouter.ai", "/api/v1/models", "https://openrouter.ai/api/v1/models"],
    ["https://api.fireworks.ai", "/v1/messages", "https://api.fireworks.ai/inference/v1/messages"],
    ["https://api.deepseek.com", "/v1/messages", "https://api.deepseek.com/anthropic/v1/messages"],
    ["https://api.deepseek.com/v1", "/v1/messages", "https://api.deepseek.com/anthropic/v1/messages"],
    ["https://api.deepseek.com/anthropic", "/v1/messages", "https://api.deepseek.com/anthropic/v1/messages"],
    ["https://api.deepseek.com", "/v1/chat/completions", "https://api.deepseek.com/v1/chat/completions"],
    [
      "https://api.deepseek.com/anthropic",
      "/v1/chat/completions",
      "https://api.deepseek.com/v1/chat/completions",
    ],
    ["http://localhost:8000/v10", "/v1/models", "http://localhost:8000/v10/v1/models"],
    ["http://localhost:8000/team-a", "/v1/models", "http://localhost:8000/team-a/v1/models"],
    ["https://api.openai.com", "//evil.example/v1/models", "https://api.openai.com//evil.example/v1/models"],
    [
      "https://api.openai.com/v1",
      "//evil.example/v1/models",
      "https://api.openai.com/v1//evil.example/v1/models",
    ],
    ["https://api.openai.com", "/@evil.example/", "https://api.openai.com/@evil.example/"],
    ["https://api.openai.com/v1", "/v1/files/a%2Fb", "https://api.openai.com/v1/files/a%2Fb"],
  ])("%s and %s: %s", (base, path, expected) => {
    expect(join(base, path)).toBe(expected);
  });

  test("has the query as it came", () => {
    expect(join("https://api.openai.com/v1", "/v1/models", "?b=%20+&a=1&a=")).toBe(
      "https://api.openai.com/v1/models?b=%20+&a=1&a=",
    );
  });

  test("never leaves the configured base, whatever the path", () => {
    const bases = constantFrom("https://a.example", "https://a.example/v1", "http://a.example:8080/team/v1");
    const pieces = constantFrom(
      "/",
      "//",
      "v1",
      "team",
      "..",
      ".",
      "%2e",
      "%2E%2e",
      "%2f",
      "%5C",
      "\\",
      "@evil.example",
      ":80",
      "evil.example",
      "x",
      ";",
      "%00",
      "%252e",
    );
    assert(
      property(bases, array(pieces, { maxLength: 12 }), (base, parts) => {
        // As Bun hands paths on: plain dot segments are resolved already.
        const path = new URL(`http://client.example/${parts.join("")}`).pathname;
        if (escapesBase(path)) return;
        const configured = new URL(base);
        const url = new URL(join(base, path));
        expect(url.origin).toBe(configured.origin);
        expect(`${url.pathname}/`).toStartWith(configured.pathname);
        // So does an upstream that decodes the path before it resolves it.
        const decoded = new URL(url.href.replaceAll(/%2f|%5c/gi, "/"));
        expect(`${decoded.pathname}/`).toStartWith(configured.pathname);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a path that could climb out of the base", () => {
  test.each([
    "/v1/..%2fadmin",
    "/v1/%2e%2e%2fadmin",
    "/v1/%2E%2E%2Fadmin",
    "/v1/.%2e%2fadmin",
    "/v1%2f..%2fadmin",
    "/v1%2f../admin",
    "/v1/..%5cadmin",
    "/v1%5c..%5cadmin",
    "/v1/files%2f..",
    "/v1/%2e%2f",
  ])("%s is refused", (path) => {
    expect(escapesBase(path)).toBe(true);
  });

  test.each([
    "/v1/chat/completions",
    "/v1/files/a%2Fb",
    "/v1beta/models/a..b:generateContent",
    "/v1/models/v1.0%2F..hidden",
    "/v1/files/...%2Fx",
    "/openai/deployments/my%20gpt/chat",
  ])("%s is not", (path) => {
    expect(escapesBase(path)).toBe(false);
  });
});

describe("the client's key in the query", () => {
  test.each([
    ["?key=secret", ""],
    ["?key=secret&alt=sse", "?alt=sse"],
    ["?alt=sse&key=secret", "?alt=sse"],
    ["?a=1&key=x&b=2&key=y", "?a=1&b=2"],
    ["?key", "?key"],
    ["?alt=sse", "?alt=sse"],
    ["?monkey=1&keys=2", "?monkey=1&keys=2"],
    ["?q=a%20b+c&key=secret", "?q=a%20b+c"],
    ["?k%65y=secret&alt=sse", "?alt=sse"],
    ["?api-key=secret&api-version=1", "?api-version=1"],
    ["?model=a&access_token=secret", "?model=a"],
    ["?%61ccess%5Ftoken=secret&%zz=1", "?%zz=1"],
    ["", ""],
  ])("%p becomes %p", (query, expected) => {
    expect(dropKeyParameter(query)).toBe(expected);
  });
});
