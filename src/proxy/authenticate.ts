import { timingSafeEqual } from "node:crypto";

import { NO_LIMITS } from "../config/config.ts";
import { createBounds } from "../rotation/limits/bounds.ts";
import { holderOfPass } from "./owners/upload-pass.ts";
import type { KnownClient } from "./runtime.ts";
import { subprotocolToken } from "./websocket/subprotocols.ts";

/** The client of a proxy that has no clients configured. */
export const ANONYMOUS: Client = {
  name: "anonymous",
  models: ["*"],
  allowance: { bounds: createBounds(NO_LIMITS), inFlight: 0 },
};

export type Client = Pick<KnownClient, "name" | "models" | "allowance">;

/**
 * Who sends the request, by the token in any of the places where an SDK puts its API key.
 *
 * @param query  with its question mark, or ""
 * @returns undefined where clients are configured and none of them has sent this
 */
export function authenticate(
  clients: readonly KnownClient[],
  headers: Headers,
  query: string,
): Client | undefined {
  if (clients.length === 0) return ANONYMOUS;
  return (
    clientOf(clients, bearerToken(headers)) ??
    clientOf(clients, headers.get("x-api-key")) ??
    clientOf(clients, headers.get("api-key")) ??
    clientOf(clients, headers.get("x-goog-api-key")) ??
    clientOf(clients, keyParameter(query)) ??
    clientOf(clients, subprotocolToken(headers)) ??
    holderOfPass(clients, keyParameter(query), query)
  );
}

/** Whether the request carries any credential at all, for an error that tells "none" from "wrong". */
export function presentsToken(headers: Headers, query: string): boolean {
  return [
    bearerToken(headers),
    headers.get("x-api-key"),
    headers.get("api-key"),
    headers.get("x-goog-api-key"),
    keyParameter(query),
    subprotocolToken(headers),
  ].some((token) => token !== null && token !== "");
}

/** The hash of the token that is looked at; one at a time, as nothing here waits. */
const presentedHash = new Uint8Array(32);

function clientOf(clients: readonly KnownClient[], token: string | null): Client | undefined {
  if (token === null || token === "") return undefined;
  Bun.SHA256.hash(token, presentedHash);
  for (const client of clients) {
    if (timingSafeEqual(client.tokenHash, presentedHash)) return client;
  }
  return undefined;
}

/** The scheme's case does not matter (RFC 9110 §11.1). */
function bearerToken(headers: Headers): string | null {
  const credentials = headers.get("authorization");
  if (credentials === null) return null;
  const scheme = credentials.slice(0, "bearer ".length);
  return scheme === "Bearer " || scheme.toLowerCase() === "bearer "
    ? credentials.slice("bearer ".length).trim()
    : null;
}

/** `key` at Google; `api-key` on the WebSockets of Azure, where a browser can set no header. */
function keyParameter(query: string): string | null {
  if (!query.includes("key=")) return null;
  const parameters = new URLSearchParams(query);
  return parameters.get("key") ?? parameters.get("api-key");
}

/**
 * Deletes whatever identified the client, what belongs to an OpenAI account, and what is meant for KeyCycle:
 * none of it may reach an upstream, where the key's own take its place.
 */
export function dropClientCredentials(headers: Headers): void {
  for (const name of CLIENT_ONLY) headers.delete(name);
}

const CLIENT_ONLY = [
  "authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "openai-organization",
  "openai-project",
  "x-keycycle-key",
  // Set anew for a WebSocket; elsewhere it has no business but to hold a token.
  "sec-websocket-protocol",
  "x-keycycle-affinity",
];
