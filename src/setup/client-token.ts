/** A token for a client of the proxy: 192 random bits, recognised by its beginning where it leaks. */
export function newToken(): string {
  return `kc-${Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("base64url")}`;
}
