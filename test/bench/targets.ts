import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { freePort } from "./free-port.ts";
import { findNginx, nginxCommand, nginxConfig } from "./nginx.ts";
import { CLIENT_TOKEN } from "./payloads.ts";
import { LOAD_CORE, type PinnedProcess, startPinned, TARGET_CORE } from "./pinned-process.ts";

export const TARGET_NAMES = ["direct", "nginx", "barest", "leanest", "keycycle"] as const;

/** `direct` is the origin itself. */
export type TargetName = (typeof TARGET_NAMES)[number];

export const REPOSITORY = join(import.meta.dir, "../..");
const KEYCYCLE = join(REPOSITORY, "dist/keycycle");
const KEYS = ["a", "b", "c", "d", "e"];

/** Starts the targets, each in front of the same origin. */
export class Targets {
  readonly origin: PinnedProcess;
  readonly #dir: string;
  #started = 0;

  private constructor(origin: PinnedProcess, dir: string) {
    this.origin = origin;
    this.#dir = dir;
  }

  /** @param dir  for configurations and logs */
  static async create(dir: string): Promise<Targets> {
    const port = freePort();
    const command = [process.execPath, join(import.meta.dir, "origin.ts"), String(port)];
    return new Targets(
      await startPinned({ core: LOAD_CORE, port, command, logPath: join(dir, "origin.log") }),
      dir,
    );
  }

  /** @param env  in addition to this process's; undefined removes a variable */
  async start(name: TargetName, env?: Record<string, string | undefined>): Promise<PinnedProcess> {
    const port = freePort();
    this.#started += 1;
    const logPath = join(this.#dir, `${name}-${this.#started}.log`);
    // Of its own: KeyCycle watches its configuration's directory, and another's log would wake it with each line.
    const dir = join(this.#dir, `${name}-${this.#started}`);
    await mkdir(dir);
    const launch = { core: TARGET_CORE, port, logPath, env };
    switch (name) {
      case "direct":
        return { ...this.origin, stop: async () => {} };
      case "barest":
      case "leanest": {
        const script = name === "barest" ? "barest-relay.ts" : "leanest-rotator.ts";
        const command = [process.execPath, join(import.meta.dir, script), String(port), this.#originUrl];
        return await startPinned({ ...launch, command });
      }
      case "nginx":
        return await startPinned({ ...launch, command: await this.#nginx(port, dir) });
      case "keycycle": {
        const command = [
          KEYCYCLE,
          "serve",
          "--port",
          String(port),
          "--config",
          await this.#keycycleConfig(dir),
        ];
        return await startPinned({ ...launch, command });
      }
    }
  }

  get #originUrl(): string {
    return `http://127.0.0.1:${this.origin.port}`;
  }

  async #nginx(port: number, dir: string): Promise<string[]> {
    const configPath = join(dir, "nginx.conf");
    await Bun.write(configPath, nginxConfig(port, this.origin.port, dir));
    return nginxCommand(findNginx() ?? "nginx", configPath, dir);
  }

  async #keycycleConfig(dir: string): Promise<string> {
    const configPath = join(dir, "keycycle.json");
    const config = {
      clients: [{ name: "bench", token: CLIENT_TOKEN }],
      apiKeys: KEYS.map((name) => ({
        name,
        key: `sk-bench-upstream-key-${name}`,
        url: this.#originUrl,
        models: ["others"],
        provider: "openai",
      })),
      log: { level: "info", format: "json" },
    };
    await Bun.write(configPath, JSON.stringify(config));
    return configPath;
  }
}

/** Builds the binary, so that what is measured is the source as it is now. @returns what went wrong */
export function buildKeycycle(): string | undefined {
  const build = Bun.spawnSync([process.execPath, "run", "build"], { cwd: REPOSITORY });
  return build.success ? undefined : build.stderr.toString().trim();
}
