import type { ProviderName } from "../config/config.ts";
import { anthropic } from "./anthropic.ts";
import { azure } from "./azure.ts";
import { compatible } from "./compatible.ts";
import { gemini } from "./gemini.ts";
import { deepseek, fireworks, groq, mistral, openai, together, xai } from "./openai.ts";
import { openrouter } from "./openrouter.ts";
import type { Provider } from "./provider.ts";

/** Every provider by the name that a configuration gives it. */
export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  openai,
  anthropic,
  gemini,
  azure,
  openrouter,
  groq,
  mistral,
  deepseek,
  xai,
  together,
  fireworks,
  compatible,
};
