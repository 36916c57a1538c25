import { describe, expect, test } from "bun:test";

import { PROVIDER_NAMES, type ProviderName } from "../../src/config/config.ts";
import type { Api } from "../../src/providers/api.ts";
import { PROVIDERS } from "../../src/providers/registry.ts";

function placed(provider: ProviderName, api: Api): [string, string][] {
  const headers = new Headers();
  PROVIDERS[provider].placeCredential(headers, "s3cret", api);
  return [...headers];
}

describe("the credential", () => {
  test.each<[ProviderName, Api, string, string]>([
    ["openai", "openai", "authorization", "Bearer s3cret"],
    ["groq", "openai", "authorization", "Bearer s3cret"],
    ["mistral", "openai", "authorization", "Bearer s3cret"],
    ["together", "openai", "authorization", "Bearer s3cret"],
    ["fireworks", "openai", "authorization", "Bearer s3cret"],
    ["openrouter", "openai", "authorization", "Bearer s3cret"],
    ["openrouter", "anthropic", "authorization", "Bearer s3cret"],
    ["deepseek", "openai", "authorization", "Bearer s3cret"],
    ["deepseek", "anthropic", "x-api-key", "s3cret"],
    ["xai", "openai", "authorization", "Bearer s3cret"],
    ["anthropic", "anthropic", "x-api-key", "s3cret"],
    ["anthropic", "openai", "authorization", "Bearer s3cret"],
    ["gemini", "gemini", "x-goog-api-key", "s3cret"],
    ["gemini", "gemini-openai", "authorization", "Bearer s3cret"],
    ["azure", "azure", "api-key", "s3cret"],
    ["azure", "openai", "api-key", "s3cret"],
    ["compatible", "openai", "authorization", "Bearer s3cret"],
    ["compatible", "anthropic", "x-api-key", "s3cret"],
    ["compatible", "gemini", "x-goog-api-key", "s3cret"],
    ["compatible", "azure", "api-key", "s3cret"],
  ])("of %s for %s stands in %s alone", (provider, api, header, value) => {
    expect(placed(provider, api)).toEqual([[header, value]]);
  });
});

describe("a key", () => {
  test.each<[ProviderName, string, Api, boolean]>([
    ["openai", "https://api.openai.com", "openai", true],
    ["openai", "https://api.openai.com", "anthropic", false],
    ["openai", "https://api.openai.com/v1", "gemini", false],
    ["anthropic", "https://api.anthropic.com", "anthropic", true],
    ["anthropic", "https://api.anthropic.com", "openai", true],
    ["anthropic", "https://api.anthropic.com", "gemini", false],
    ["gemini", "https://generativelanguage.googleapis.com", "gemini", true],
    ["gemini", "https://generativelanguage.googleapis.com", "gemini-openai", true],
    ["gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "openai", true],
    ["gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "gemini-openai", true],
    ["gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "gemini", false],
    ["azure", "https://acme.openai.azure.com", "azure", true],
    ["azure", "https://acme.openai.azure.com/openai/v1", "openai", true],
    ["openrouter", "https://openrouter.ai/api/v1", "anthropic", true],
    ["compatible", "http://localhost:11434", "gemini", true],
    // Groq's own SDK sends /openai/v1/... to its base URL.
    ["groq", "https://api.groq.com", "azure", true],
  ])("of %s at %s serves %s: %p", (provider, url, api, serves) => {
    expect(PROVIDERS[provider].serves(api, { url })).toBe(serves);
  });
});

test("every provider goes by its own name", () => {
  for (const name of PROVIDER_NAMES) expect(PROVIDERS[name].name).toBe(name);
});
