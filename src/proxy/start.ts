import type { Config } from "../config/config.ts";
import { Log } from "../observe/log.ts";
import { Traffic } from "../observe/traffic.ts";
import { History } from "../state/history.ts";
import { keepState } from "../state/keep-state.ts";
import { subjectsOf } from "./kept.ts";
import { listen } from "./listen.ts";
import { startProbing } from "./prober.ts";
import { createRuntime } from "./runtime.ts";
import type { Serving } from "./serving.ts";
import { tellSetAside } from "./tell-set-aside.ts";

/** A proxy that listens. */
export interface RunningProxy {
  /** Where clients reach it, without a trailing slash. */
  readonly url: string;
  readonly log: Log;
  readonly serving: Serving;
  readonly traffic: Traffic;
  readonly history: History;
  readonly drainTimeoutMs: number;
  /** Puts a configuration in force for new requests; those under way finish under the old one. */
  reload(config: Config): void;
  /** Stops accepting, lets what is under way finish; resolves when nothing is left. */
  drain(): Promise<void>;
  /** Breaks off whatever is still under way. */
  kill(): Promise<void>;
  /** Requests and WebSockets under way. */
  pending(): number;
  /** To be called last: keeps what was learned since it was last kept. */
  close(): void;
}

/** Settings of what is opened once: the listening socket and the state. */
const AT_START: readonly (readonly [name: string, setting: (config: Config) => unknown])[] = [
  ["server.host", ({ server }) => server.host],
  ["server.port", ({ server }) => server.port],
  ["state", ({ state }) => state],
];

/** @throws KeyCycleError `serve/listen` where the address cannot be listened on */
export function startServing(config: Config): RunningProxy {
  const log = new Log();
  log.configure(config.log);
  const serving: Serving = { runtime: createRuntime(config), draining: false, killed: false };
  const { host, port } = config.server;
  const server = listen(serving, log, host, port);
  const traffic = new Traffic();
  log.follow((records) => traffic.count(records, Date.now()));
  // Not before the port is ours: a second start by mistake touches no state.
  const keeper = keepState(config.state, serving.runtime.owners, log);
  keeper.follow(subjectsOf(serving.runtime));
  const history = new History(keeper, () => serving.runtime.config.history);
  log.follow((records) => history.add(records));
  tellSetAside(serving.runtime.keys, log, Date.now());
  const stopProbing = startProbing(serving, log);

  return {
    url: urlOf(host, server.port),
    log,
    serving,
    traffic,
    history,
    get drainTimeoutMs() {
      return serving.runtime.config.server.drainTimeoutMs;
    },
    reload(next) {
      serving.runtime = createRuntime(next, serving.runtime);
      keeper.follow(subjectsOf(serving.runtime));
      log.configure(next.log);
      const late = AT_START.filter(([, setting]) => !Bun.deepEquals(setting(next), setting(config))).map(
        ([name]) => name,
      );
      if (late.length > 0) {
        log.message("warn", `Changed, but takes effect when KeyCycle is restarted: ${late.join(", ")}`);
      }
      if (next.server.maxBodyBytes !== config.server.maxBodyBytes) {
        log.message(
          "warn",
          "server.maxBody holds for bodies at once, for messages of WebSockets when KeyCycle is restarted",
        );
      }
      if (next.server.readTimeoutMs !== config.server.readTimeoutMs) {
        log.message(
          "warn",
          "server.readTimeout holds for bodies at once, for idle connections when KeyCycle is restarted",
        );
      }
    },
    async drain() {
      serving.draining = true;
      stopProbing();
      await server.stop();
    },
    async kill() {
      serving.killed = true;
      await server.stop(true);
    },
    pending: () => server.pendingRequests + server.pendingWebSockets,
    close() {
      log.tellReaders();
      history.close();
      keeper.close();
    },
  };
}

/** A server on an IPv6 address is written in brackets. */
function urlOf(host: string, port: number | undefined): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
