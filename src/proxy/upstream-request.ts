import type { UpstreamRequest } from "./attempt.ts";
import { dropClientCredentials } from "./authenticate.ts";
import { type Chain, frameAnew, wordingFor } from "./chain.ts";
import { placeToken } from "./ephemeral/presented.ts";
import type { Exchange } from "./exchange.ts";
import { dropHopByHop } from "./hop-by-hop.ts";
import type { UpstreamKey } from "./runtime.ts";
import { Upload } from "./upload.ts";
import { dropKeyParameter, upstreamUrl } from "./upstream-url.ts";

/** What is sent to this key's upstream. */
export function buildUpstreamRequest(
  exchange: Exchange,
  key: UpstreamKey,
  body: UpstreamRequest["body"],
  chain: Chain | undefined,
): UpstreamRequest {
  const { request, api, bound } = exchange;
  const wording = chain === undefined ? undefined : wordingFor(chain, exchange.model);
  const { path, query } = wording ?? exchange;
  const sent = wording === undefined ? body : wording.body;
  clearHeaders(exchange);
  // Only what would stay behind for the next attempt needs a copy.
  const headers =
    wording === undefined && key.headers.length === 0 ? request.headers : new Headers(request.headers);
  // fetch sets that of bytes itself.
  const length = sent instanceof Upload ? sent.body.length : undefined;
  if (length === undefined) headers.delete("content-length");
  else headers.set("content-length", String(length));
  if (wording !== undefined) frameAnew(headers, wording);
  if (bound?.token === undefined) key.provider.placeCredential(headers, key.config.secret, api);
  else placeToken(headers, bound.token);
  for (const [name, value] of key.headers) headers.set(name, value);
  return {
    url: upstreamUrl(key.base, path, dropKeyParameter(query)),
    method: request.method,
    headers,
    body: sent,
    head: wording?.head,
  };
}

/** Takes out of the client's headers, in place, what is not for an upstream. */
function clearHeaders(exchange: Exchange): void {
  const { headers } = exchange.request;
  // Before a second attempt it is the credential of the first one.
  dropClientCredentials(headers);
  if (exchange.isCleared) return;
  exchange.isCleared = true;
  dropHopByHop(headers);
  // fetch sets it from the URL; an interim 100 is Bun's to answer.
  headers.delete("host");
  headers.delete("expect");
}
