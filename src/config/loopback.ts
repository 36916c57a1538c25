/**
 * Whether a host name or address means this machine only: `localhost` and its subdomains (RFC 6761
 * §6.3), 127.0.0.0/8, `::1`. Brackets of an IPv6 address are off.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === "::1" ||
    /^127(?:\.\d{1,3}){3}$/.test(name)
  );
}
