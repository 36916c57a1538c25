import type { Exchange } from "../exchange.ts";
import type { BaseUrl } from "../upstream-url.ts";

/** The address by which a client has reached us, through a proxy of its own, perhaps, and at a mount; no slash at its end. */
export function hereOf({ request, path }: Exchange): string {
  const { protocol, host, pathname } = new URL(request.url);
  const scheme = /^https?(?=\s*(?:,|$))/i.exec(request.headers.get("x-forwarded-proto") ?? "")?.[0];
  const forwardedHost = /^[\w.:[\]-]+(?=\s*(?:,|$))/.exec(request.headers.get("x-forwarded-host") ?? "")?.[0];
  const mount = pathname.endsWith(path) ? pathname.slice(0, -path.length) : "";
  return `${scheme ?? protocol.slice(0, -1)}://${forwardedHost ?? host}${mount}`;
}

/** An upstream's path as clients have it: the base path is put before it again on the way back. */
export function withoutBase(path: string, { path: base }: BaseUrl): string {
  return base !== "" && path.startsWith(`${base}/`) ? path.slice(base.length) : path;
}
