/**
 * A browser cannot set headers on a WebSocket, so OpenAI takes its key among the subprotocols, and what
 * belongs to the account beside it (https://developers.openai.com/api/docs/guides/realtime-websocket).
 */
const TOKEN = "openai-insecure-api-key.";
const ACCOUNT = /^openai-(?:organization|project)\./;

/** The subprotocols that a client offers, in its order. */
export function offeredSubprotocols(headers: Headers): string[] {
  const offered = headers.get("sec-websocket-protocol");
  if (offered === null) return [];
  return offered
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** The token that stands among the subprotocols; null where none does. */
export function subprotocolToken(headers: Headers): string | null {
  const named = offeredSubprotocols(headers).find((name) => name.startsWith(TOKEN));
  return named === undefined ? null : named.slice(TOKEN.length);
}

/** What a name may be made of (RFC 6455 §4.1, RFC 9110 §5.6.2). */
const NAME = /^[!#$%&'*+.^_`|~\w-]+$/;

/**
 * Those that may reach an upstream: each once, without what identifies the client or belongs to an account,
 * and without what is no name at all.
 */
export function withoutCredentials(offered: readonly string[]): string[] {
  const names = new Set(offered);
  return [...names].filter((name) => NAME.test(name) && !name.startsWith(TOKEN) && !ACCOUNT.test(name));
}
