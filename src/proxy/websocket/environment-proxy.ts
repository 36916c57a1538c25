/**
 * The outbound proxy that the environment names for a URL, as `fetch` heeds it by itself and `ws` does not:
 * `HTTPS_PROXY` or `HTTP_PROXY`, also in lower case, unless `NO_PROXY` lists the host.
 *
 * @param url  http or https
 */
export function environmentProxy(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { protocol, hostname, host } = new URL(url);
  const read = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const proxy = read(protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (proxy === undefined || isExempt(read("NO_PROXY") ?? "", hostname, host)) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

/** @param list  names with commas: `*` for all, a host with or without its port, a domain that stands for those below it */
function isExempt(list: string, hostname: string, host: string): boolean {
  return list
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "")
    .some((entry) => {
      const domain = entry.replace(/^\*?\./, "");
      return entry === "*" || entry === host || domain === hostname || hostname.endsWith(`.${domain}`);
    });
}
