import type { ProviderName } from "./config.ts";

/** A provider whose address is the same for everyone. */
export interface KnownProvider {
  readonly provider: ProviderName;
  /** As it calls itself. */
  readonly title: string;
  /** `OPENAI` for `OPENAI_API_KEYS` and `OPENAI_API_KEY`. */
  readonly prefix: string;
  readonly url: string;
  /** What the provider's own models are called, beside `others`. */
  readonly models: readonly string[];
  /** Whether keys in its variables serve where there is no configuration file. */
  readonly withoutFile: boolean;
}

export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  {
    provider: "openai",
    title: "OpenAI",
    withoutFile: true,
    prefix: "OPENAI",
    url: "https://api.openai.com",
    models: globs`gpt-* chatgpt-* o1* o3* o4* codex-* computer-use-* sora-* dall-e-* whisper-* tts-*
      text-embedding-3-* text-embedding-ada-* omni-moderation-* text-moderation-*`,
  },
  {
    provider: "anthropic",
    title: "Anthropic",
    withoutFile: true,
    prefix: "ANTHROPIC",
    url: "https://api.anthropic.com",
    models: globs`claude-*`,
  },
  {
    provider: "gemini",
    title: "Google Gemini",
    withoutFile: true,
    prefix: "GEMINI",
    url: "https://generativelanguage.googleapis.com",
    models: globs`gemini-* gemma-* imagen-* veo-* text-embedding-0* learnlm-*`,
  },
  {
    provider: "openrouter",
    title: "OpenRouter",
    withoutFile: true,
    prefix: "OPENROUTER",
    url: "https://openrouter.ai/api",
    models: globs`*/*`,
  },
  {
    provider: "groq",
    title: "Groq",
    withoutFile: true,
    prefix: "GROQ",
    url: "https://api.groq.com/openai",
    models: [],
  },
  {
    provider: "mistral",
    title: "Mistral",
    withoutFile: true,
    prefix: "MISTRAL",
    url: "https://api.mistral.ai",
    models: globs`mistral-* ministral-* codestral-* pixtral-* magistral-* devstral-* voxtral-* open-mistral-*
      open-mixtral-*`,
  },
  {
    provider: "deepseek",
    title: "DeepSeek",
    withoutFile: true,
    prefix: "DEEPSEEK",
    url: "https://api.deepseek.com",
    models: globs`deepseek-*`,
  },
  {
    provider: "xai",
    title: "xAI",
    withoutFile: true,
    prefix: "XAI",
    url: "https://api.x.ai",
    models: globs`grok-*`,
  },
  {
    provider: "together",
    title: "Together AI",
    withoutFile: false,
    prefix: "TOGETHER",
    url: "https://api.together.xyz",
    models: [],
  },
  {
    provider: "fireworks",
    title: "Fireworks AI",
    withoutFile: false,
    prefix: "FIREWORKS",
    url: "https://api.fireworks.ai/inference",
    models: globs`accounts/fireworks/*`,
  },
];

function globs(text: TemplateStringsArray): string[] {
  return text.join("").split(/\s+/);
}
