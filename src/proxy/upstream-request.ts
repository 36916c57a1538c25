import type { UpstreamRequest } from "./attempt.ts";
import { dropClientCredentials } from "./authenticate.ts";
import type { Exchange } from "./exchange.ts";
import { dropHopByHop } from "./hop-by-hop.ts";
import type { UpstreamKey } from "./runtime.ts";
import { dropKeyParameter, upstreamUrl } from "./upstream-url.ts";

/** The client's headers without what is not the upstream's: made once for a request, copied for each attempt. */
export function forwardedHeaders(request: Request): Headers {
  const headers = new Headers(request.headers);
  dropHopByHop(headers);
  dropClientCredentials(headers);
  // fetch sets both from the URL and the body; an interim 100 is Bun's to answer.
  headers.delete("host");
  headers.delete("content-length");
  headers.delete("expect");
  return headers;
}

/** What is sent to this key's upstream. */
export function buildUpstreamRequest(
  exchange: Exchange,
  key: UpstreamKey,
  forwarded: Headers,
  body: UpstreamRequest["body"],
): UpstreamRequest {
  const headers = new Headers(forwarded);
  key.provider.placeCredential(headers, key.config.secret, exchange.api);
  for (const [name, value] of key.headers) headers.set(name, value);
  return {
    url: upstreamUrl(key.base, exchange.path, dropKeyParameter(exchange.query)),
    method: exchange.request.method,
    headers,
    body,
  };
}
