import type { ProviderName } from "../../src/config/config.ts";
import { readErrorBody } from "../../src/providers/error-body.ts";
import type { Outcome } from "../../src/providers/outcome.ts";
import { PROVIDERS } from "../../src/providers/registry.ts";

/** 2025-11-13 02:13:20 UTC. */
export const NOW = 1_763_000_000_000;

/** An answer as it comes over the wire; a body that is no text is sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** What a provider's classifier makes of an answer. */
export function outcomeOf(
  provider: ProviderName,
  { status, headers, body = "" }: Answer,
  now = NOW,
): Outcome {
  const facts = readErrorBody(typeof body === "string" ? body : JSON.stringify(body));
  return PROVIDERS[provider].classify({ status, headers: new Headers(headers), facts, now });
}

/** How long the key is to rest, as far as the answer says, whatever the kind of the outcome. */
export function hintOf(provider: ProviderName, answer: Answer, now = NOW): number | undefined {
  const outcome = outcomeOf(provider, answer, now);
  return "retryAfterMs" in outcome ? outcome.retryAfterMs : undefined;
}

export function openAiError(message: string, type: string, code: string | null = null): unknown {
  return { error: { message, type, param: null, code } };
}

export function anthropicError(type: string, message: string): unknown {
  return { type: "error", error: { type, message }, request_id: "req_011CSHoEeqs5C35K2UUqR7Fy" };
}

export function geminiError(code: number, status: string, message: string, details: unknown[] = []): unknown {
  return { error: { code, message, status, details } };
}

export function errorInfo(reason: string): unknown {
  return {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason,
    domain: "googleapis.com",
    metadata: { service: "generativelanguage.googleapis.com" },
  };
}

export function quotaFailure(quotaId: string): unknown {
  return {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: [
      {
        quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
        quotaId,
        quotaDimensions: { location: "global", model: "gemini-2.5-flash" },
        quotaValue: "10",
      },
    ],
  };
}

export function retryInfo(retryDelay: string): unknown {
  return { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay };
}
