import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI, { AzureOpenAI, toFile } from "openai";

import type { StageKey } from "./harness.ts";

interface Addressed {
  readonly proxy: { readonly url: string };
}

export function openAi({ proxy }: Addressed, apiKey = "unused"): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${proxy.url}/v1`, maxRetries: 0 });
}

export function anthropic({ proxy }: Addressed, apiKey = "unused"): Anthropic {
  return new Anthropic({ apiKey, baseURL: proxy.url, maxRetries: 0 });
}

export function gemini({ proxy }: Addressed, apiKey = "unused"): GoogleGenAI {
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl: proxy.url } });
}

export function azure({ proxy }: Addressed): AzureOpenAI {
  return new AzureOpenAI({
    apiKey: "unused",
    endpoint: proxy.url,
    apiVersion: "2025-03-01-preview",
    maxRetries: 0,
  });
}

export async function aFile(content = "hello"): Promise<File> {
  return await toFile(Buffer.from(content), "a.txt", { type: "text/plain" });
}

type Provider = NonNullable<StageKey["provider"]>;

/** Four keys, `key-1` to `key-4`, each an account: what does not go to its owner is lost three times of four. */
export function fourKeys(provider: Provider): StageKey[] {
  return [1, 2, 3, 4].map((number) => ({ secret: `sk-${provider}-000${number}`, provider }));
}

/** An option of a request that asks for one of them. */
export function pin(key: number | string): { headers: Record<string, string> } {
  return { headers: { "x-keycycle-key": typeof key === "number" ? `key-${key}` : key } };
}
