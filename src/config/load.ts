import { dirname, relative, resolve } from "node:path";
import { KeyCycleError } from "../error.ts";
import type { Config } from "./config.ts";
import { envOf } from "./dot-env.ts";
import { configFromEnvironment, KEY_VARIABLES } from "./environment.ts";
import { isReadableByOthers, readTextFile, tellReadable } from "./files.ts";
import { InvalidConfigError } from "./invalid-config.ts";
import { locateConfig, usualPlaces, type LocateOptions } from "./locate.ts";
import { parseConfig, type DiagnoseHost } from "./parse.ts";
import { resolveState } from "./state-place.ts";

export interface LoadedConfig {
  readonly config: Config;
  /** For the person who runs it; none names a secret. */
  readonly warnings: readonly string[];
  /** Absolute paths whose change makes another config: the file, its keys files, and the `.env` beside it. */
  readonly watchedFiles: readonly string[];
  /** Tells what is wrong with `server.host` at its place; undefined where no file has it. */
  readonly diagnoseHost: DiagnoseHost | undefined;
}

/**
 * Finds and reads the config; where there is no file, the keys in the environment serve. Throws
 * KeyCycleError: `config/none-found`, `config/unreadable`, `config/invalid`. Whether the proxy may be
 * reached from elsewhere without clients is for the caller to ask (`checkExposure`), since the command
 * line may change the host.
 */
export function loadConfig(options: LocateOptions): LoadedConfig {
  const { env, cwd } = options;
  const located = locateConfig(options);
  if (located === undefined) {
    const config = configFromEnvironment(env);
    if (config === undefined) throw noneFound(options);
    return { config, warnings: [], watchedFiles: [], diagnoseHost: undefined };
  }
  const { path, text } = located;
  const fileEnv = envOf(path, env);
  const keysFiles = new Set<string>();
  const result = parseConfig(text, {
    path: displayPath(path, cwd),
    env: fileEnv.env,
    readKeysFile(written) {
      const keysFile = resolve(dirname(path), written);
      keysFiles.add(keysFile);
      return readTextFile(keysFile);
    },
  });
  if (!result.ok) throw new InvalidConfigError(result.diagnostics);
  const state = resolveState(result.config.state, path);
  if (state.kind === "file" && [path, ...keysFiles].includes(state.path)) {
    throw new KeyCycleError(
      "config/invalid",
      `state names ${displayPath(state.path, cwd)}, which holds your keys: it needs a file of its own, such as ./keycycle.db`,
    );
  }
  const withSecrets = [...(result.literalSecrets ? [path] : []), ...keysFiles];
  const exposed = withSecrets.filter(isReadableByOthers).map((file) => tellReadable(displayPath(file, cwd)));
  return {
    diagnoseHost: result.diagnoseHost,
    config: { ...result.config, state, source: { kind: "file", path } },
    warnings: [...result.warnings, ...exposed],
    watchedFiles: [path, ...keysFiles, ...(fileEnv.file === undefined ? [] : [fileEnv.file])],
  };
}

/** Short where the file is below the working directory. */
function displayPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === "" || short.startsWith("..") || cwd === "/" ? path : short;
}

function noneFound({ env, cwd }: LocateOptions): KeyCycleError {
  const places = usualPlaces(env, cwd).map((place) => displayPath(place, cwd));
  const providers = KEY_VARIABLES.filter((name) => name.endsWith("_KEY")).map((name) =>
    name.replace("_API_KEY", ""),
  );
  return new KeyCycleError(
    "config/none-found",
    [
      `No configuration was found (${places.join(", ")}), and no keys in the environment. Three ways on:`,
      "",
      "  keycycle init                           asks for your keys and writes a keycycle.yaml",
      "  OPENAI_API_KEY=sk-... keycycle serve    serves the keys in the environment; several in OPENAI_API_KEYS,",
      `                                          likewise ${providers.slice(1).join(", ")}`,
      "  keycycle serve --demo                   tries it out with five made-up keys",
    ].join("\n"),
  );
}
