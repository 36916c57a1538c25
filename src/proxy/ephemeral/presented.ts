import { subprotocolToken } from "../websocket/subprotocols.ts";

/** Where tokens are taken. */
const TAKES_TOKENS = /\/realtime(?:\/calls)?$|^\/ws\//;

/** The forms of OpenAI's client secrets and of Google's tokens. */
const TOKEN = /^(?:ek_|auth_tokens\/)/;

/** The ephemeral token that a request carries in place of an API key; undefined where it carries none. */
export function presentedToken(path: string, headers: Headers, query: string): string | undefined {
  if (!TAKES_TOKENS.test(path)) return undefined;
  const [, authorization] = /^(?:bearer|token) +(\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  const parameter = query.includes("access_token=") ? new URLSearchParams(query).get("access_token") : null;
  return [authorization, subprotocolToken(headers), parameter].find(
    (candidate): candidate is string => typeof candidate === "string" && TOKEN.test(candidate),
  );
}

/** The call that a request is about, in its path or, on a WebSocket beside the call, its query. */
export function namedCall(path: string, query: string): string | undefined {
  const [, inPath] = /\/realtime\/calls\/([^/]+)\/[a-z]+$/.exec(path) ?? [];
  if (inPath !== undefined || !query.includes("call_id=")) return inPath;
  return new URLSearchParams(query).get("call_id") ?? undefined;
}

/** Sets a token where the provider reads it; it is taken in headers as well as where browsers put it. */
export function placeToken(headers: Headers, token: string): void {
  headers.set("authorization", `${token.startsWith("ek_") ? "Bearer" : "Token"} ${token}`);
}
