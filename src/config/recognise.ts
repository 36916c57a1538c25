import type { ProviderName } from "./config.ts";

/** Hosts of the known providers; an entry that begins with a dot stands for all names below it. */
const HOSTS: readonly (readonly [suffix: string, provider: ProviderName])[] = [
  ["api.openai.com", "openai"],
  [".openai.com", "openai"],
  ["api.anthropic.com", "anthropic"],
  ["generativelanguage.googleapis.com", "gemini"],
  [".openai.azure.com", "azure"],
  [".services.ai.azure.com", "azure"],
  [".cognitiveservices.azure.com", "azure"],
  ["openrouter.ai", "openrouter"],
  ["api.groq.com", "groq"],
  ["api.mistral.ai", "mistral"],
  ["api.deepseek.com", "deepseek"],
  ["api.x.ai", "xai"],
  ["api.together.xyz", "together"],
  ["api.together.ai", "together"],
  ["api.fireworks.ai", "fireworks"],
];

/**
 * Who answers at a base URL, told from its host alone: a path says nothing, since gateways keep the
 * provider's paths. Everything unknown is taken for a copy of OpenAI's API.
 */
export function recogniseProvider(url: string): ProviderName {
  const host = URL.parse(url)?.hostname.toLowerCase().replace(/\.$/, "") ?? "";
  for (const [suffix, provider] of HOSTS) {
    if (suffix.startsWith(".") ? host.endsWith(suffix) : host === suffix) return provider;
  }
  return "compatible";
}

/** Beginnings (or what they hold) of keys that only one provider hands out. */
const KEY_SHAPES: readonly (readonly [shape: RegExp, provider: ProviderName])[] = [
  [/^sk-ant-/, "anthropic"],
  [/^sk-or-/, "openrouter"],
  [/^sk-(?:proj|svcacct|admin|None)-/, "openai"],
  // Between two random halves, base64 of "OpenAI": all of its keys since 2022 have it.
  [/^sk-.*T3BlbkFJ/, "openai"],
  [/^sk-[0-9a-f]{32}$/, "deepseek"],
  // Standard keys, and the authorization keys that take their place (https://ai.google.dev/gemini-api/docs/api-key).
  [/^AIza[\w-]{30,}$|^AQ\.[\w-]{20,}/, "gemini"],
  [/^gsk_/, "groq"],
  [/^xai-/, "xai"],
  [/^fw_/, "fireworks"],
  [/^tgp_v\d+_/, "together"],
];

/** Who handed out a key, told from its shape; undefined where several may have. */
export function recogniseKey(secret: string): ProviderName | undefined {
  return KEY_SHAPES.find(([shape]) => shape.test(secret))?.[1];
}

/** Shorter texts are no whole key of any provider. */
const SHORTEST_KEY = 20;

/**
 * Whether a text that should be a name is a key by its shape. Words follow some beginnings in honest names
 * too (`xai-production-europe`): with those it takes a long run of letters and digits.
 */
export function isKeyShaped(text: string): boolean {
  if (text.length < SHORTEST_KEY || recogniseKey(text) === undefined) return false;
  return !/^(?:xai-|fw_)/.test(text) || /[A-Za-z0-9]{16}/.test(text);
}
