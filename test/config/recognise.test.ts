import { expect, test } from "bun:test";
import type { ProviderName } from "../../src/config/config.ts";
import { recogniseProvider } from "../../src/providers/recognise.ts";

test.each<[string, ProviderName]>([
  ["https://api.openai.com/v1", "openai"],
  ["https://eu.api.openai.com", "openai"],
  ["https://API.OpenAI.com", "openai"],
  ["https://api.anthropic.com", "anthropic"],
  ["https://generativelanguage.googleapis.com/v1beta/openai", "gemini"],
  ["https://team.openai.azure.com/openai/v1", "azure"],
  ["https://team.services.ai.azure.com", "azure"],
  ["https://team.cognitiveservices.azure.com", "azure"],
  ["https://openrouter.ai/api", "openrouter"],
  ["https://api.groq.com/openai", "groq"],
  ["https://api.mistral.ai", "mistral"],
  ["https://api.deepseek.com", "deepseek"],
  ["https://api.x.ai", "xai"],
  ["https://api.together.xyz", "together"],
  ["https://api.together.ai", "together"],
  ["https://api.fireworks.ai/inference", "fireworks"],
  ["http://localhost:11434/v1", "compatible"],
  ["https://api.openai.com.evil.example", "compatible"],
  ["https://notopenai.com", "compatible"],
  ["https://gateway.example/api.openai.com", "compatible"],
  ["https://us-aiplatform.googleapis.com", "compatible"],
])("%s is %s", (url, provider) => {
  expect(recogniseProvider(url)).toBe(provider);
});
