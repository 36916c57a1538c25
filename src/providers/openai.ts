import type { KeyConfig, ProviderName } from "../config/config.ts";
import type { Api } from "./api.ts";
import { classifyCommon } from "./classify.ts";
import { parseGoDuration } from "./go-duration.ts";
import {
  MISTRAL_LIMITS,
  OPENAI_LIMITS,
  readLimitHeaders,
  readSeconds,
  TOGETHER_LIMITS,
} from "./limit-headers.ts";
import type { FreeCall, Provider } from "./provider.ts";

const OPENAI_ONLY: readonly Api[] = ["openai"];
const OPENAI_AND_ANTHROPIC: readonly Api[] = ["openai", "anthropic"];

/**
 * OpenAI and the many that copied it: Bearer credential, `{"error":{...}}`, `x-ratelimit-*` headers.
 */
export function openAiLike(
  name: ProviderName,
  apis: readonly Api[],
  overrides: Partial<Provider> = {},
): Provider {
  return {
    name,
    serves: (api) => apis.includes(api),
    placeCredential: placeBearer,
    readLimits: (headers) => readLimitHeaders(headers, OPENAI_LIMITS),
    sharedLimits: [],
    classify: (refusal) => classifyCommon(refusal, readOpenAiReset(refusal.headers)),
    freeCall: () => LIST_OF_MODELS,
    modelList: () => LIST_OF_MODELS,
    ...overrides,
  };
}

/** https://platform.openai.com/docs/api-reference/models/list */
export const LIST_OF_MODELS: FreeCall = { path: "/v1/models", query: "", headers: {}, apis: ["openai"] };

export function placeBearer(headers: Headers, secret: string): void {
  headers.set("authorization", `Bearer ${secret}`);
}

/**
 * OpenAI's reset is the time until the bucket is full again, not until one more request fits: that is
 * after `reset / (limit - remaining)`. For tokens the size of the refused request is not known here, so
 * the full time is the safe answer.
 */
export function readOpenAiReset(headers: Headers): number | undefined {
  const untilFullMs = parseGoDuration(headers.get("x-ratelimit-reset-requests") ?? "");
  if (untilFullMs !== undefined && headers.get("x-ratelimit-remaining-requests") === "0") {
    const limit = Number(headers.get("x-ratelimit-limit-requests"));
    return limit > 0 ? untilFullMs / limit : untilFullMs;
  }
  return parseGoDuration(headers.get("x-ratelimit-reset-tokens") ?? "");
}

export const openai = openAiLike("openai", OPENAI_ONLY);
export const mistral = openAiLike("mistral", OPENAI_ONLY, {
  readLimits: (headers) => readLimitHeaders(headers, MISTRAL_LIMITS),
});

/** Its reset is "the suggested retry interval" (https://docs.together.ai/docs/rate-limits). */
export const together = openAiLike("together", OPENAI_ONLY, {
  readLimits: (headers) => readLimitHeaders(headers, TOGETHER_LIMITS),
  classify: (refusal) => classifyCommon(refusal, readSeconds(refusal.headers.get("x-ratelimit-reset") ?? "")),
});

/**
 * What Fireworks tells of prompt and generated tokens is not read: past it requests are served, more slowly
 * (https://docs.fireworks.ai/guides/quotas_usage/rate-limits).
 */
export const fireworks = openAiLike("fireworks", OPENAI_AND_ANTHROPIC);

/**
 * Groq counts requests by the day, so a reset is a wait for the whole bucket
 * (https://console.groq.com/docs/rate-limits). Its own SDK sends `/openai/v1/...`, which is Azure's form too.
 */
export const groq = openAiLike("groq", ["openai", "azure"], {
  classify: (refusal) => classifyCommon(refusal, readGroqReset(refusal.headers)),
});

function readGroqReset(headers: Headers): number | undefined {
  const exhausted = headers.get("x-ratelimit-remaining-requests") === "0" ? "requests" : "tokens";
  return parseGoDuration(headers.get(`x-ratelimit-reset-${exhausted}`) ?? "");
}

/** xAI and DeepSeek answer Anthropic's Messages API as well, with the credential where Anthropic has it. */
export const xai = openAiLike("xai", OPENAI_AND_ANTHROPIC, { placeCredential: placeByApi });
export const deepseek = openAiLike("deepseek", OPENAI_AND_ANTHROPIC, { placeCredential: placeByApi });

/** Where the API that the client speaks has its credential. */
export function placeByApi(headers: Headers, secret: string, api: Api): void {
  switch (api) {
    case "anthropic":
      headers.set("x-api-key", secret);
      return;
    case "gemini":
      headers.set("x-goog-api-key", secret);
      return;
    case "azure":
      headers.set("api-key", secret);
      return;
    case "openai":
    case "gemini-openai":
      placeBearer(headers, secret);
  }
}

/** Whether the key's base URL is one of an OpenAI-compatible form that the provider has beside its own. */
export function hasOpenAiBase(key: Pick<KeyConfig, "url">): boolean {
  return /\/openai(?:\/v1)?$/.test(key.url);
}
