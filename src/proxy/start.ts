import type { Config } from "../config/config.ts";
import { codeOf, KeyCycleError } from "../error.ts";
import { Log } from "../observe/log.ts";
import { createApp } from "./app.ts";
import { createRuntime } from "./runtime.ts";
import type { Serving } from "./serving.ts";

/** A proxy that listens. */
export interface RunningProxy {
  /** Where clients reach it, without a trailing slash. */
  readonly url: string;
  readonly log: Log;
  readonly drainTimeoutMs: number;
  /** Puts a configuration in force for new requests; those under way finish under the old one. */
  reload(config: Config): void;
  /** Stops accepting, lets what is under way finish; resolves when nothing is left. */
  drain(): Promise<void>;
  /** Breaks off whatever is still under way. */
  kill(): Promise<void>;
  /** Requests under way. */
  pending(): number;
}

/** Settings that belong to the listening socket. */
const AT_START = [
  ["server.host", "host"],
  ["server.port", "port"],
] as const;

/** @throws KeyCycleError `serve/listen` where the address cannot be listened on */
export function startServing(config: Config): RunningProxy {
  const log = new Log();
  log.configure(config.log);
  const serving: Serving = { runtime: createRuntime(config), draining: false, killed: false };
  const app = createApp(serving, log);
  const { server: bound } = config;
  const { host, port } = bound;
  try {
    app.listen({ hostname: host, port });
  } catch (error) {
    throw cannotListen(host, port, error);
  }
  const { server } = app;
  if (server === null) throw cannotListen(host, port, undefined);

  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${server.port}`,
    log,
    get drainTimeoutMs() {
      return serving.runtime.config.server.drainTimeoutMs;
    },
    reload(next) {
      serving.runtime = createRuntime(next, serving.runtime);
      log.configure(next.log);
      const late = AT_START.filter(([, setting]) => next.server[setting] !== bound[setting]).map(
        ([name]) => name,
      );
      if (late.length > 0) {
        log.message("warn", `Changed, but takes effect when KeyCycle is restarted: ${late.join(", ")}`);
      }
      if (next.server.readTimeoutMs !== bound.readTimeoutMs) {
        log.message(
          "warn",
          "server.readTimeout holds for bodies at once, for idle connections when KeyCycle is restarted",
        );
      }
    },
    async drain() {
      serving.draining = true;
      await server.stop();
    },
    async kill() {
      serving.killed = true;
      await server.stop(true);
    },
    pending: () => server.pendingRequests,
  };
}

function cannotListen(host: string, port: number, error: unknown): KeyCycleError {
  const code = codeOf(error);
  const reason =
    code === "EADDRINUSE"
      ? `port ${port} is in use already. Stop what uses it, or choose another with --port`
      : code === "EACCES"
        ? `port ${port} may not be used without more rights. Choose one above 1023 with --port`
        : `${code}. Is "${host}" an address of this machine?`;
  return new KeyCycleError("serve/listen", `Cannot listen on ${host}:${port}: ${reason}.`);
}
