import type { UpstreamRequest } from "./attempt.ts";
import { dropClientCredentials } from "./authenticate.ts";
import { type Chain, frameAnew, wordingFor } from "./chain.ts";
import type { Exchange } from "./exchange.ts";
import { dropHopByHop } from "./hop-by-hop.ts";
import type { UpstreamKey } from "./runtime.ts";
import { dropKeyParameter, upstreamUrl } from "./upstream-url.ts";

/** What is sent to this key's upstream. Made anew for each attempt: a copy of a copy would cost the common case more. */
export function buildUpstreamRequest(
  exchange: Exchange,
  key: UpstreamKey,
  body: UpstreamRequest["body"],
  chain: Chain | undefined,
): UpstreamRequest {
  const { request, api } = exchange;
  const wording = chain === undefined ? undefined : wordingFor(chain, exchange.model);
  const { path, query } = wording ?? exchange;
  const sent = wording === undefined ? body : wording.body;
  const headers = new Headers(request.headers);
  dropHopByHop(headers);
  dropClientCredentials(headers);
  // fetch sets both from the URL and the body, but not the length of a stream; an interim 100 is Bun's to answer.
  headers.delete("host");
  if (!(sent instanceof ReadableStream)) headers.delete("content-length");
  if (wording !== undefined) frameAnew(headers, wording);
  headers.delete("expect");
  key.provider.placeCredential(headers, key.config.secret, api);
  for (const [name, value] of key.headers) headers.set(name, value);
  return {
    url: upstreamUrl(key.base, path, dropKeyParameter(query)),
    method: request.method,
    headers,
    body: sent,
  };
}
