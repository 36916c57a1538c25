import type { Config } from "./config.ts";
import { isLoopbackHost } from "./loopback.ts";

/**
 * Whether anybody who reaches this machine could spend the keys. To be asked of the config in force,
 * after the command line had its say.
 *
 * @returns what is wrong and the two ways to mend it; undefined where nothing is
 */
export function checkExposure(
  config: Pick<Config, "clients"> & { readonly server: Pick<Config["server"], "host" | "allowAnonymous"> },
): string | undefined {
  const { host, allowAnonymous } = config.server;
  if (isLoopbackHost(host) || config.clients.length > 0 || allowAnonymous) return undefined;
  return [
    `server.host is ${host}, so other machines can reach the proxy, and without clients anybody could use your keys.`,
    'Name who may:                   clients: [{ name: me, token: "${KEYCYCLE_TOKEN}" }]',
    "or let everybody in knowingly:  server: { allowAnonymous: true }",
  ].join("\n");
}
