import { KeyCycleError } from "../error.ts";
import { NO_LIMITS, type Config, type KeyConfig, type ProviderName } from "./config.ts";
import type { Env } from "./interpolate.ts";
import { DefaultNames } from "./key-names.ts";
import { defaultSections } from "./parse.ts";
import { parseSecret } from "./scalars.ts";

interface Known {
  readonly provider: ProviderName;
  /** `OPENAI` for `OPENAI_API_KEYS` and `OPENAI_API_KEY`. */
  readonly prefix: string;
  readonly url: string;
  /** What the provider's own models are called, beside `others`. */
  readonly models: readonly string[];
}

const KNOWN: readonly Known[] = [
  {
    provider: "openai",
    prefix: "OPENAI",
    url: "https://api.openai.com",
    models: globs`gpt-* chatgpt-* o1* o3* o4* codex-* computer-use-* sora-* dall-e-* whisper-* tts-*
      text-embedding-3-* text-embedding-ada-* omni-moderation-* text-moderation-*`,
  },
  { provider: "anthropic", prefix: "ANTHROPIC", url: "https://api.anthropic.com", models: globs`claude-*` },
  {
    provider: "gemini",
    prefix: "GEMINI",
    url: "https://generativelanguage.googleapis.com",
    models: globs`gemini-* gemma-* imagen-* veo-* text-embedding-0* learnlm-*`,
  },
  { provider: "openrouter", prefix: "OPENROUTER", url: "https://openrouter.ai/api", models: globs`*/*` },
  { provider: "groq", prefix: "GROQ", url: "https://api.groq.com/openai", models: [] },
  {
    provider: "mistral",
    prefix: "MISTRAL",
    url: "https://api.mistral.ai",
    models: globs`mistral-* ministral-* codestral-* pixtral-* magistral-* devstral-* voxtral-* open-mistral-*
      open-mixtral-*`,
  },
  { provider: "deepseek", prefix: "DEEPSEEK", url: "https://api.deepseek.com", models: globs`deepseek-*` },
  { provider: "xai", prefix: "XAI", url: "https://api.x.ai", models: globs`grok-*` },
];

function globs(text: TemplateStringsArray): string[] {
  return text.join("").split(/\s+/);
}

/** The variables that are looked at, for messages. */
export const KEY_VARIABLES: readonly string[] = KNOWN.flatMap(({ prefix }) => [
  `${prefix}_API_KEYS`,
  `${prefix}_API_KEY`,
]);

/**
 * The config that the keys in the environment make by themselves; undefined where there are none.
 * A key in both variables of a provider counts once.
 */
export function configFromEnvironment(env: Env): Config | undefined {
  const names = new DefaultNames(new Set());
  const keys: KeyConfig[] = [];
  const variables: string[] = [];
  const problems: string[] = [];
  for (const { provider, prefix, url, models } of KNOWN) {
    const secrets = new Set<string>();
    for (const variable of [`${prefix}_API_KEYS`, `${prefix}_API_KEY`]) {
      const written = (env[variable] ?? "").split(/[\s,]+/).filter((part) => part !== "");
      if (written.length > 0) variables.push(variable);
      for (const [index, part] of written.entries()) {
        const parsed = parseSecret(part);
        if (parsed.ok) secrets.add(parsed.value);
        else problems.push(`${variable}: key ${index + 1} ${parsed.problem}`);
      }
    }
    for (const secret of secrets) {
      const served = [...models, "others"];
      const rest = { priority: 0, weight: 1, limits: NO_LIMITS, headers: {}, proxy: undefined };
      keys.push({ name: names.next(provider), secret, url, models: served, provider, ...rest });
    }
  }
  if (problems.length > 0) throw new KeyCycleError("config/invalid", problems.join("\n"));
  if (keys.length === 0) return undefined;
  return { source: { kind: "environment", variables }, clients: [], keys, aliases: [], ...defaultSections() };
}
