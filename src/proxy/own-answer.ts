import { formatError, type OwnError } from "../providers/error-format.ts";
import { placementOf } from "../rotation/affinity.ts";
import { setCorsHeaders } from "./browser-guard.ts";
import { type Exchange, endExchange } from "./exchange.ts";

/**
 * An answer of KeyCycle's own in the form of the API that the client speaks.
 *
 * @param retryAfterMs  sent as `retry-after`, whole seconds rounded up, and exactly as `retry-after-ms`,
 *                      which OpenAI's and Anthropic's SDKs prefer
 */
export function answerError(exchange: Exchange, error: OwnError, retryAfterMs?: number): Response {
  const headers = new Headers({ "content-type": "application/json" });
  if (retryAfterMs !== undefined) {
    headers.set("retry-after", String(Math.ceil(retryAfterMs / 1000)));
    headers.set("retry-after-ms", String(Math.ceil(retryAfterMs)));
  }
  if (error.status === 408) {
    headers.set("connection", "close");
    exchange.watched?.giveUpReading();
  }
  setOwnHeaders(exchange, headers, undefined, null);
  endExchange(exchange, { status: error.status, key: "", firstByteMs: Date.now(), error: error.code });
  return new Response(formatError(exchange.api, error), { status: error.status, headers });
}

/**
 * Sets the headers that every answer carries, unless the configuration turns them off.
 *
 * @param key         name of the key that answered
 * @param upstreamId  the provider's own id of the request, which is what its support asks for
 */
export function setOwnHeaders(
  exchange: Exchange,
  headers: Headers,
  key: string | undefined,
  upstreamId: string | null,
): void {
  const { server } = exchange.runtime.config;
  if (server.cors.length > 0) setCorsHeaders(headers, server.cors, exchange.request.headers);
  if (!server.responseHeaders) return;
  if (upstreamId !== null) headers.set("x-upstream-request-id", upstreamId);
  headers.set("x-request-id", exchange.id);
  headers.set("x-keycycle-attempts", String(exchange.attempts.length));
  if (key === undefined) return;
  headers.set("x-keycycle-key", headerText(key));
  const placement = placementOf(exchange.affinity, key);
  if (placement !== undefined) headers.set("x-keycycle-affinity", placement);
  if (exchange.alias !== undefined) headers.set("x-keycycle-model", headerText(exchange.model));
}

/** Names of keys and models may hold what a header may not. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
