import { describe, expect, test } from "bun:test";

import type { ProviderName } from "../../src/config/config.ts";
import { azureOwnsOpenAiPath, mountOf } from "../../src/proxy/mount.ts";

const BEARER = { authorization: "Bearer token" };

function mounted(target: string, headers: Record<string, string> = BEARER, isAzures = false): string {
  const [path = "", query] = target.split("?");
  const search = query === undefined ? "" : `?${query}`;
  const { prefix, api } = mountOf({ path, query: search }, new Headers(headers), isAzures);
  return prefix === "" ? "none" : `${prefix} ${api}`;
}

describe("a path under the name of an API", () => {
  test.each([
    ["/openai/v1/chat/completions", "/openai openai"],
    ["/openai/chat/completions", "/openai openai"],
    ["/openai/v1/models", "/openai openai"],
    ["/openai/responses", "/openai openai"],
    ["/openai/v1/realtime?model=gpt-realtime", "/openai openai"],
    ["/anthropic/v1/messages", "/anthropic anthropic"],
    ["/anthropic/v1/models", "/anthropic anthropic"],
    ["/gemini/v1beta/models/gemini-2.5-flash:generateContent", "/gemini gemini"],
    ["/gemini/v1/models", "/gemini gemini"],
    ["/gemini/upload/v1beta/files", "/gemini gemini"],
    ["/gemini/v1beta/openai/chat/completions", "/gemini gemini-openai"],
    ["/azure/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "/azure azure"],
    ["/azure/openai/v1/chat/completions", "/azure azure"],
    ["/v1/chat/completions", "none"],
    ["/chat/completions", "none"],
    ["/openai", "none"],
    ["/anthropic", "none"],
    ["/geminis/v1beta/models", "none"],
    ["/v1/openai/v1/models", "none"],
  ])("%s: %s", (target, expected) => {
    expect(mounted(target)).toBe(expected);
  });
});

describe("/openai is Azure's own", () => {
  test.each([
    ["a deployment", "/openai/deployments/gpt-4o/chat/completions", {}],
    ["an API version", "/openai/responses?api-version=2025-04-01-preview", BEARER],
    ["an API version behind other parameters", "/openai/v1/files?limit=2&api-version=preview", BEARER],
    ["Azure's header", "/openai/v1/chat/completions", { "api-key": "token" }],
  ])("with %s", (_, target, headers) => {
    expect(mounted(target, headers)).toBe("none");
  });

  test("whatever a request has, where only Azure's and Groq's keys could answer", () => {
    expect(mounted("/openai/v1/chat/completions", BEARER, true)).toBe("none");
  });

  test.each<[ProviderName[], boolean]>([
    [["azure"], true],
    [["groq"], true],
    [["azure", "groq"], true],
    [["azure", "anthropic", "gemini"], true],
    [["azure", "openai"], false],
    [["groq", "openrouter"], false],
    [["azure", "compatible"], false],
    [["openai"], false],
    [["anthropic"], false],
    [[], false],
  ])("keys of %p: %p", (providers, expected) => {
    const keys = providers.map((provider) => ({ provider, url: "https://api.example.com" }));
    expect(azureOwnsOpenAiPath(keys)).toBe(expected);
  });
});
