import type { KeyConfig } from "../config/config.ts";
import { classifyCommon } from "./classify.ts";
import { hasOpenAiBase } from "./openai.ts";
import type { Outcome } from "./outcome.ts";
import type { FreeCall, Provider, Refusal } from "./provider.ts";
import { type ToldLimit, toldLimit, type ToldLimits } from "./told-limits.ts";

/**
 * Azure OpenAI (https://learn.microsoft.com/azure/ai-services/openai/reference): `api-key`, deployments
 * in the path or the model in the body under `/openai/v1/`.
 */
export const azure: Provider = {
  name: "azure",
  // With a base URL that ends in `/openai/v1` a plain OpenAI client is served as well.
  serves: (api, key) => api === "azure" || (api === "openai" && hasOpenAiBase(key)),
  placeCredential: (headers, secret) => headers.set("api-key", secret),
  classify,
  readLimits,
  sharedLimits: [],
  freeCall: modelList,
  modelList: (_api, key) => modelList(key),
};

/** https://learn.microsoft.com/rest/api/azureopenai/models/list; the v1 API needs no version. */
export function modelList(key: Pick<KeyConfig, "url">): FreeCall {
  return key.url.endsWith("/openai/v1")
    ? { path: "/openai/v1/models", query: "", headers: {}, apis: ["azure"] }
    : { path: "/openai/models", query: "?api-version=2024-10-21", headers: {}, apis: ["azure"] };
}

function classify(refusal: Refusal): Outcome {
  const { status, facts } = refusal;
  // A network rule or a suspended resource: the key may be right, but nothing gets through with it.
  if (status === 403 && !/\bmodel\b/i.test(facts.message)) {
    return { kind: "dead", reason: facts.code || "HTTP 403", certain: facts.code !== "" };
  }
  return classifyCommon(refusal, readReset(refusal.headers, "tokens"));
}

/** Of requests it tells what is left, and mostly neither the limit nor a reset. */
function readLimits(headers: Headers): ToldLimits | undefined {
  const requests = readLimit(headers, "requests");
  const tokens = readLimit(headers, "tokens");
  return requests === undefined && tokens === undefined ? undefined : { requests, tokens };
}

function readLimit(headers: Headers, counts: "requests" | "tokens"): ToldLimit | undefined {
  const remaining = headers.get(`x-ratelimit-remaining-${counts}`);
  if (remaining === null) return undefined;
  return toldLimit(headers.get(`x-ratelimit-limit-${counts}`), remaining, readReset(headers, counts));
}

/** Whole seconds; `-1` means unknown. */
function readReset(headers: Headers, counts: "requests" | "tokens"): number | undefined {
  const seconds = headers.get(`x-ratelimit-reset-${counts}`) ?? "";
  return /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}
