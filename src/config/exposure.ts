import { KeyCycleError } from "../error.ts";
import type { Config } from "./config.ts";
import type { Problem } from "./diagnostic.ts";
import { InvalidConfigError } from "./invalid-config.ts";
import { isLoopbackHost } from "./loopback.ts";
import type { DiagnoseHost } from "./parse.ts";

/**
 * Whether anybody who reaches this machine could spend the keys. To be asked of the config in force,
 * after the command line had its say.
 *
 * @returns what is wrong and the two ways to mend it; undefined where nothing is
 */
export function checkExposure(
  config: Pick<Config, "clients"> & { readonly server: Pick<Config["server"], "host" | "allowAnonymous"> },
): Required<Pick<Problem, "message" | "instead">> | undefined {
  const { host, allowAnonymous } = config.server;
  if (isLoopbackHost(host) || config.clients.length > 0 || allowAnonymous) return undefined;
  return {
    message: `server.host is ${host}, so other machines can reach the proxy, and without clients anybody could use your keys`,
    instead:
      'who may: clients: [{ name: me, token: "${KEYCYCLE_TOKEN}" }], or knowingly everybody: server: { allowAnonymous: true }',
  };
}

/**
 * @param diagnoseHost  undefined where the host does not come from a file
 * @throws KeyCycleError `config/invalid`, `config/exposed`
 */
export function refuseExposure(config: Config, diagnoseHost: DiagnoseHost | undefined): void {
  const exposed = checkExposure(config);
  if (exposed === undefined) return;
  if (diagnoseHost !== undefined) throw new InvalidConfigError(diagnoseHost(exposed));
  throw new KeyCycleError("config/exposed", `${exposed.message}.\nName ${exposed.instead}`);
}
