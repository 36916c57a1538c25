import type { Config } from "../../src/config/config.ts";
import { Log } from "../../src/observe/log.ts";
import { listen } from "../../src/proxy/listen.ts";
import { createRuntime } from "../../src/proxy/runtime.ts";
import { configWith } from "./config-with.ts";

/** A proxy in this process before an upstream that the test plays; both end with `using`. */
export interface Proxied extends Disposable {
  readonly url: string;
}

/**
 * @param upstream  answers in place of the provider
 * @param fields    of the configuration; its keys are sent to the upstream, by default one
 */
export function proxied(
  upstream: (request: Request) => Response | Promise<Response>,
  fields: Parameters<typeof configWith>[0] = {},
): Proxied {
  const origin = Bun.serve({ hostname: "127.0.0.1", port: 0, development: false, fetch: upstream });
  const { keys, ...rest } = configWith({ keys: [{ name: "only" }], ...fields });
  const config: Config = { ...rest, keys: keys.map((key) => Object.assign(key, { url: origin.url.origin })) };
  const log = new Log();
  log.configure(config.log);
  const serving = { runtime: createRuntime(config), draining: false, killed: false };
  const server = listen(serving, log, "127.0.0.1", 0);
  return {
    url: server.url.origin,
    [Symbol.dispose]() {
      void server.stop(true);
      void origin.stop(true);
    },
  };
}
