import type { Outcome } from "./outcome.ts";
import { classifyCommon } from "./classify.ts";
import { LIST_OF_MODELS, placeBearer } from "./openai.ts";
import type { Provider, Refusal } from "./provider.ts";
import { readRetryHint } from "./retry-hint.ts";
import { toldLimit } from "./told-limits.ts";

/** OpenRouter (https://openrouter.ai/docs/api-reference/errors): Bearer for all of its APIs. */
export const openrouter: Provider = {
  name: "openrouter",
  serves: (api) => api === "openai" || api === "anthropic",
  placeCredential: placeBearer,
  classify,
  readLimits(headers, now) {
    const requests = toldLimit(
      headers.get("x-ratelimit-limit"),
      headers.get("x-ratelimit-remaining"),
      readReset(headers, now),
    );
    return requests === undefined ? undefined : { requests, tokens: undefined };
  },
  // "Free model variants (with an ID ending in :free)" (https://openrouter.ai/docs/api-reference/limits).
  sharedLimits: [/:free$/],
  // Its list of models is for everyone (https://openrouter.ai/docs/api/api-reference/api-keys/get-current-key).
  freeCall: () => ({ ...LIST_OF_MODELS, path: "/v1/key" }),
  modelList: () => LIST_OF_MODELS,
};

function classify(refusal: Refusal): Outcome {
  const { status, headers, facts, now } = refusal;
  const resetMs = readReset(headers, now) ?? (facts.headers && readReset(facts.headers, now));
  if (status === 402) {
    // Requests in flight hold a part of the budget: their end frees it again.
    const retryAfterMs = readRetryHint(headers, facts, now);
    if (facts.limitSource === "openrouter_in_flight_budget" || retryAfterMs !== undefined) {
      return { kind: "limited", scope: "key", retryAfterMs };
    }
  }
  // Moderation: "your chosen model requires moderation and your input was flagged".
  if (status === 403 && /flagged|moderation/i.test(facts.message)) return { kind: "client-error" };
  return classifyCommon(refusal, resetMs);
}

/** `X-RateLimit-Reset` is an instant in epoch milliseconds. */
function readReset(headers: Headers, now: number): number | undefined {
  const at = Number(headers.get("x-ratelimit-reset") ?? Number.NaN);
  return at > now ? at - now : undefined;
}
