import type { Config } from "../config/config.ts";
import { isLoopbackHost } from "../config/loopback.ts";

/**
 * Why a request to a proxy without clients is refused; undefined where it is not.
 *
 * Without tokens, that the sender is on this machine is all that protects the keys, and a page in a
 * browser on this machine is not its owner: DNS rebinding shows in `Host`, a cross-site request in
 * `Origin` or `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/).
 */
export function refuseBrowser(config: Config, headers: Headers): string | undefined {
  const { server } = config;
  if (config.clients.length === 0 && isLoopbackHost(server.host)) {
    const hostname = hostnameOf(headers.get("host") ?? "");
    if (!isLoopbackHost(hostname) && hostname !== server.host && !server.hostnames.includes(hostname)) {
      return (
        `This proxy has no clients and so answers to loopback names only, not to the Host "${printable(hostname)}". ` +
        "Add the name to server.hostnames, or configure clients."
      );
    }
  }
  if (config.clients.length > 0) return undefined;
  const origin = headers.get("origin");
  const crossSite =
    origin === null ? headers.get("sec-fetch-site") === "cross-site" : !isOwnOrigin(origin, headers);
  if (!crossSite || allowsOrigin(server.cors, origin)) return undefined;
  return "A web page of another origin may not use this proxy. Add the page's origin to server.cors to allow it.";
}

/** Whether a browser's page at this origin may read answers. */
export function allowsOrigin(cors: readonly string[], origin: string | null): boolean {
  return cors.includes("*") || (origin !== null && cors.includes(origin));
}

/** The headers that let a page at an allowed origin read an answer (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export function setCorsHeaders(headers: Headers, cors: readonly string[], requestHeaders: Headers): void {
  const origin = requestHeaders.get("origin");
  if (origin === null || !allowsOrigin(cors, origin)) return;
  headers.set("access-control-allow-origin", origin);
  headers.append("vary", "Origin");
  headers.set("access-control-expose-headers", "*");
}

/** The answer to a browser's preflight; undefined where the request is none that this proxy allows. */
export function answerPreflight(
  method: string,
  cors: readonly string[],
  requestHeaders: Headers,
): Response | undefined {
  if (method !== "OPTIONS" || !requestHeaders.has("access-control-request-method")) return undefined;
  if (!allowsOrigin(cors, requestHeaders.get("origin"))) return undefined;
  const headers = new Headers({
    "access-control-allow-methods": requestHeaders.get("access-control-request-method") ?? "*",
    "access-control-allow-headers": requestHeaders.get("access-control-request-headers") ?? "*",
    "access-control-max-age": "7200",
  });
  setCorsHeaders(headers, cors, requestHeaders);
  return new Response(null, { status: 204, headers });
}

function isOwnOrigin(origin: string, headers: Headers): boolean {
  return origin === `http://${headers.get("host")}` || origin === `https://${headers.get("host")}`;
}

/** The host of a `Host` field without its port; brackets of an IPv6 address stay off. */
function hostnameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)?.[1];
  return (bracketed ?? host.replace(/:\d*$/, "")).toLowerCase();
}

function printable(text: string): string {
  return text.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, "?");
}
