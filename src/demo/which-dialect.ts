import { anthropic } from "./anthropic.ts";
import { azure } from "./azure.ts";
import type { Arrival } from "./call.ts";
import type { Dialect } from "./dialect.ts";
import { gemini, geminiCompatible } from "./gemini.ts";
import { openai } from "./openai.ts";

/**
 * Whose API a request speaks. The path tells, and where several providers share it (`/v1/models`) or
 * none has it, the headers that only one of them uses.
 */
export function whichDialect(arrival: Pick<Arrival, "pathname" | "method" | "headers" | "query">): Dialect {
  const { pathname, headers, query } = arrival;
  if (pathname.startsWith("/openai/")) return azure;
  if (/^\/v1(?:beta)?\/openai\//.test(pathname)) return geminiCompatible;
  if (/^\/(?:v1(?:beta|alpha)|upload\/v1\w*)\/|^\/+ws\/google\./.test(pathname)) return gemini;
  if (arrival.method === "POST" && /^\/v1\/models\/[^/]+:/.test(pathname)) return gemini;
  if (/^\/v1\/messages(?:\/|$)/.test(pathname)) return anthropic;
  if (headers["anthropic-version"] !== undefined || headers["x-api-key"] !== undefined) return anthropic;
  if (headers["x-goog-api-key"] !== undefined || query.has("key")) return gemini;
  return headers["api-key"] === undefined ? openai : azure;
}
