import { defineCommand } from "citty";
import { consola } from "consola";

import { adminHandler } from "../admin/app.ts";
import { openSocket } from "../admin/open-socket.ts";
import { overSocket } from "../admin/over-socket.ts";
import { overTcp } from "../admin/over-tcp.ts";
import { LOG_LEVELS } from "../config/config.ts";
import { isPretty } from "../observe/log.ts";
import { liftFetchLimit } from "../proxy/fetch-limit.ts";
import { type RunningProxy, startServing } from "../proxy/start.ts";
import { banner } from "./banner.ts";
import { help } from "./help.ts";
import { type ServeConfig, serveConfig } from "./serve-config.ts";
import { untilStopped } from "./until-stopped.ts";

export const serve = defineCommand({
  meta: help({
    name: "serve",
    description: "Start the proxy.",
    example: "keycycle serve --config ./keycycle.yaml --port 8080",
  }),
  args: {
    config: { type: "string", description: "Configuration file", valueHint: "file" },
    host: {
      type: "string",
      description: "Address to listen on, instead of server.host",
      valueHint: "address",
    },
    port: {
      type: "string",
      description: "Port to listen on, instead of server.port; 0 for any free one",
      valueHint: "port",
    },
    demo: { type: "boolean", description: "Serve five made-up keys of a built-in provider simulator" },
    "log-level": { type: "enum", description: "Instead of log.level", options: [...LOG_LEVELS] },
  },
  async run({ args }) {
    liftFetchLimit();
    const source = serveConfig({
      configPath: args.config,
      host: args.host,
      port: args.port,
      logLevel: args["log-level"],
      demo: args.demo === true,
    });
    for (const warning of source.warnings) consola.warn(warning);
    const proxy = await startOrClose(source);
    const admin = adminHandler(proxy, () => source.reload());
    proxy.serving.admin = overTcp(admin, () => proxy.serving.runtime.config.admin.token);
    const onSocket = overSocket(admin, () => proxy.serving.runtime.config.source);
    const closeSocket = await openSocket(source.config, onSocket, proxy.log);
    source.watch((next) => proxy.reload(next), proxy.log);
    // Whoever reads that it serves may stop it at once.
    const stopped = untilStopped(proxy);
    const greeting = [banner(source.config, proxy.url), "", ...source.hints(proxy.url)].join("\n");
    // What reads JSON lines is to find nothing else.
    if (isPretty(source.config.log)) console.log(greeting);
    else console.error(greeting);
    await stopped;
    closeSocket();
    proxy.close();
    await source.close();
    await proxy.log.flush();
  },
});

/** The demo's simulator would keep a process alive that has nothing to serve. */
async function startOrClose(source: ServeConfig): Promise<RunningProxy> {
  try {
    return startServing(source.config);
  } catch (error) {
    await source.close();
    throw error;
  }
}
