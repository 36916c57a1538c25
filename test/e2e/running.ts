import { dirname } from "node:path";

import type { Proxy } from "./harness.ts";
import { type Ended, runIn } from "./folder.ts";

/** Runs a command beside a running proxy, as its owner would in the folder of the configuration. */
export async function beside(proxy: Proxy, args: readonly string[]): Promise<Ended> {
  return await runIn(dirname(proxy.configPath), [...args, "--config", proxy.configPath]);
}
