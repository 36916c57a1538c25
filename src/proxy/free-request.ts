import type { FreeCall } from "../providers/provider.ts";
import type { UpstreamRequest } from "./attempt.ts";
import type { UpstreamKey } from "./runtime.ts";
import { upstreamUrl } from "./upstream-url.ts";

/** A free call to a key's provider, ready to be sent. */
export function freeRequest(
  key: UpstreamKey,
  { path, query, headers: needed, apis }: FreeCall,
  withKey = true,
): UpstreamRequest {
  const headers = new Headers(needed);
  if (withKey) for (const api of apis) key.provider.placeCredential(headers, key.config.secret, api);
  for (const [name, value] of key.headers) headers.set(name, value);
  return { url: upstreamUrl(key.base, path, query), method: "GET", headers, body: undefined };
}
