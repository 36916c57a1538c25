/** Fields that speak of one connection only and are never forwarded (RFC 9110 §7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-authentication-info",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Deletes hop-by-hop fields, those that `connection` names included. */
export function dropHopByHop(headers: Headers): void {
  const connection = headers.get("connection");
  if (connection !== null && connection !== "keep-alive" && connection !== "close") {
    for (const named of connection.split(",")) {
      const name = named.trim();
      if (/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) headers.delete(name);
    }
  }
  for (const name of HOP_BY_HOP) headers.delete(name);
}
