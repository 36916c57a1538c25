import { timingSafeEqual } from "node:crypto";

import { NO_LIMITS } from "../config/config.ts";
import { createBounds } from "../rotation/limits/bounds.ts";
import { type KnownClient, sha256 } from "./runtime.ts";

/** The client of a proxy that has no clients configured. */
export const ANONYMOUS: Client = {
  name: "anonymous",
  models: ["*"],
  allowance: { bounds: createBounds(NO_LIMITS, 0), inFlight: 0 },
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
  for (const token of presentedTokens(headers, query)) {
    const hash = sha256(token);
    const client = clients.find(({ tokenHash }) => timingSafeEqual(tokenHash, hash));
    if (client !== undefined) return client;
  }
  return undefined;
}

/** Whether the request carries any credential at all, for an error that tells "none" from "wrong". */
export function presentsToken(headers: Headers, query: string): boolean {
  return presentedTokens(headers, query).length > 0;
}

function presentedTokens(headers: Headers, query: string): string[] {
  const bearer = /^bearer\s+(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const key = query.includes("key=") ? new URLSearchParams(query).get("key") : undefined;
  const all = [bearer, headers.get("x-api-key"), headers.get("api-key"), headers.get("x-goog-api-key"), key];
  return all.filter((token) => typeof token === "string").filter((token) => token !== "");
}

/**
 * Deletes whatever identified the client, and what belongs to an OpenAI account: neither may reach an
 * upstream, where the key's own take their place.
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
];
