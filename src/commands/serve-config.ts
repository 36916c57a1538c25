import type { Config, LogLevel } from "../config/config.ts";
import { refuseExposure } from "../config/exposure.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { defaultSections } from "../config/parse.ts";
import { warnOfAliases } from "../proxy/alias-warnings.ts";
import { type ConfigWatcher, watchConfig } from "../config/watch.ts";
import { demoHints, startDemo } from "../demo/demo.ts";
import { KeyCycleError } from "../error.ts";
import type { Log } from "../observe/log.ts";
import { parseHost, parsePort } from "./address-flags.ts";

/** What the command line says, as typed. */
export interface ServeFlags {
  readonly configPath: string | undefined;
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly logLevel: LogLevel | undefined;
  readonly demo: boolean;
}

/** The configuration to serve, and what keeps it up to date. */
export interface ServeConfig {
  readonly config: Config;
  readonly warnings: readonly string[];
  /** Lines below the banner. */
  hints(url: string): readonly string[];
  /** Calls back with each good configuration that the files come to hold; a bad one is logged and passed over. */
  watch(onChange: (config: Config) => void, log: Log): void;
  /** Looks at the files now; returns what is wrong with what they hold, where the one before stays in force. */
  reload(): string | undefined;
  close(): Promise<void>;
}

/** @throws KeyCycleError `config/*` and `usage/*` */
export function serveConfig(flags: ServeFlags): ServeConfig {
  const override = overrideOf(flags);
  if (flags.demo) {
    if (flags.configPath !== undefined) {
      throw new KeyCycleError("usage/demo", "--demo brings a configuration of its own: leave --config out.");
    }
    const defaults = override({
      ...defaultSections(),
      clients: [],
      keys: [],
      aliases: [],
      source: { kind: "demo" },
    });
    refuseExposure(defaults, undefined);
    const demo = startDemo(defaults);
    return {
      config: demo.config,
      warnings: [],
      hints: demoHints,
      watch: () => {},
      reload: () => undefined,
      close: () => demo.stop(),
    };
  }
  const load = (explicitPath: string | undefined): LoadedConfig => {
    const loaded = loadConfig({ explicitPath, env: process.env, cwd: process.cwd() });
    const config = override(loaded.config);
    return { ...loaded, config, warnings: [...loaded.warnings, ...warnOfAliases(config)] };
  };
  const first = load(flags.configPath);
  refuseExposure(first.config, flags.host === undefined ? first.diagnoseHost : undefined);
  const { source, server: bound } = first.config;
  let watcher: ConfigWatcher | undefined;
  let problem: string | undefined;
  return {
    config: first.config,
    warnings: first.warnings,
    hints: () => [],
    watch(onChange, log) {
      const onGone = (file: string) =>
        log.message("warn", `${file} is gone: the configuration before stays in force until it is back`);
      const reload = () => {
        try {
          // Only this file: were it passed over while it is being written, other keys would serve.
          const next = load(source.kind === "file" ? source.path : undefined);
          refuseExposure({ ...next.config, server: { ...next.config.server, host: bound.host } }, undefined);
          watcher?.follow(next.watchedFiles);
          onChange(next.config);
          problem = undefined;
          log.message("info", "The configuration was reloaded", { keys: next.config.keys.length });
          for (const warning of next.warnings) log.message("warn", warning);
        } catch (error) {
          if (!(error instanceof KeyCycleError)) throw error;
          problem = error.message;
          log.message(
            "error",
            `The configuration has errors, so the one before stays in force:\n${error.message}`,
          );
        }
      };
      watcher = watchConfig(first.watchedFiles, reload, { onGone });
    },
    reload() {
      watcher?.check();
      return problem;
    },
    async close() {
      watcher?.close();
    },
  };
}

/** The command line wins over the file, also when the file is read again. */
function overrideOf(flags: ServeFlags): (config: Config) => Config {
  const port = flags.port === undefined ? undefined : parsePort(flags.port);
  const host = flags.host === undefined ? undefined : parseHost(flags.host);
  return (config) => ({
    ...config,
    server: { ...config.server, host: host ?? config.server.host, port: port ?? config.server.port },
    log: { ...config.log, level: flags.logLevel ?? config.log.level },
  });
}
