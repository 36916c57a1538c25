import { describe, expect, test } from "bun:test";

import type { ProviderName } from "../../src/config/config.ts";
import { recogniseKey, recogniseProvider } from "../../src/config/recognise.ts";

describe("the provider at a base URL", () => {
  test.each<[string, ProviderName]>([
    ["https://api.openai.com", "openai"],
    ["https://api.openai.com/v1", "openai"],
    ["https://eu.api.openai.com/v1", "openai"],
    ["https://API.OpenAI.com./v1", "openai"],
    ["https://api.anthropic.com", "anthropic"],
    ["https://generativelanguage.googleapis.com", "gemini"],
    ["https://generativelanguage.googleapis.com/v1beta/openai", "gemini"],
    ["https://acme.openai.azure.com", "azure"],
    ["https://acme.openai.azure.com/openai/v1", "azure"],
    ["https://acme.services.ai.azure.com", "azure"],
    ["https://acme.cognitiveservices.azure.com", "azure"],
    ["https://openrouter.ai/api/v1", "openrouter"],
    ["https://api.groq.com/openai/v1", "groq"],
    ["https://api.mistral.ai/v1", "mistral"],
    ["https://api.deepseek.com", "deepseek"],
    ["https://api.x.ai/v1", "xai"],
    ["https://api.together.xyz/v1", "together"],
    ["https://api.fireworks.ai/inference/v1", "fireworks"],
    ["http://localhost:11434", "compatible"],
    ["http://10.0.0.5:8000/v1", "compatible"],
    ["https://gateway.example/api.openai.com/v1", "compatible"],
    ["https://api.openai.com.evil.example/v1", "compatible"],
    ["https://notapi.anthropic.com", "compatible"],
    ["https://evilopenai.com", "compatible"],
    ["not a url", "compatible"],
  ])("%s: %s", (url, provider) => {
    expect(recogniseProvider(url)).toBe(provider);
  });
});

test.each<[string, ProviderName | undefined]>([
  ["sk-ant-api03-x", "anthropic"],
  ["sk-proj-x", "openai"],
  ["sk-svcacct-x", "openai"],
  ["sk-aaaaaaaaaaaaaaaaaaaaT3BlbkFJbbbbbbbbbbbbbbbbbbbb", "openai"],
  ["sk-or-v1-x", "openrouter"],
  ["AIzaSyA-0123456789_0123456789abcdefghij", "gemini"],
  ["AQ.Ab8RN6J0123456789abcdefghij", "gemini"],
  ["gsk_x", "groq"],
  ["xai-x", "xai"],
  ["fw_x", "fireworks"],
  ["tgp_v1_x", "together"],
  ["sk-0123456789abcdef0123456789abcdef", "deepseek"],
  ["sk-one", undefined],
  ["0123456789abcdef0123456789abcdef", undefined],
  ["my-sk-ant-x", undefined],
])("the key %s is one of %s's", (key, provider) => {
  expect(recogniseKey(key)).toBe(provider);
});
