import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Simulator, type SimulatedKey, type SimulatorOptions } from "../../src/demo/simulator.ts";
import { BINARY } from "./binary.ts";

/** One line of the proxy's JSON log. */
export interface LogLine {
  readonly event: "request" | "attempt" | "key" | "message";
  readonly level: string;
  readonly message?: string;
  readonly key?: string;
  readonly state?: string;
  /** RFC 3339. */
  readonly until?: string;
  readonly outcome?: string;
  readonly model?: string;
  readonly alias?: string;
  readonly affinity?: string;
  readonly path?: string;
  readonly client?: string;
  readonly status?: number;
  readonly attempts?: number;
  readonly error?: string;
  readonly id?: string;
  readonly ttfbMs?: number;
  readonly durationMs?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly closeCode?: number;
  readonly endedBy?: string;
  readonly messagesSent?: number;
  readonly messagesReceived?: number;
}

export interface KeyEntry {
  readonly name?: string;
  readonly key?: string;
  readonly url?: string;
  readonly models?: readonly string[] | string;
  readonly provider?: string;
  readonly priority?: number;
  readonly weight?: number;
}

/**
 * Most tests want each key to have its turn and each refusal to show at once; those of headroom and of
 * waiting say so in `rotation`.
 */
function withRotation(config: { readonly rotation?: object }): object {
  return { ...config, rotation: { strategy: "round-robin", maxWait: "0s", ...config.rotation } };
}

/** The compiled binary, serving. */
export class Proxy {
  /** All that it wrote, both streams, in order of arrival. */
  output = "";
  url = "";
  readonly #waiting = new Set<() => void>();

  private constructor(
    readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">,
    readonly configPath: string,
  ) {
    void this.#collect(process.stdout);
    void this.#collect(process.stderr);
  }

  static async start(
    config: object | string,
    options: { args?: readonly string[]; env?: Record<string, string> } = {},
  ): Promise<Proxy> {
    const directory = mkdtempSync(join(tmpdir(), "keycycle-test-"));
    const text = typeof config === "string" ? config : JSON.stringify(withRotation(config), null, 2);
    const configPath = join(directory, typeof config === "string" ? "keycycle.yaml" : "config.json");
    writeFileSync(configPath, text, { mode: 0o600 });
    const configArgs = options.args?.includes("--demo") === true ? [] : ["--config", configPath];
    const proxy = new Proxy(
      Bun.spawn([BINARY, "serve", "--port", "0", ...configArgs, ...(options.args ?? [])], {
        cwd: directory,
        env: { PATH: process.env["PATH"], HOME: directory, NO_COLOR: "1", ...options.env },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      }),
      configPath,
    );
    void proxy.process.exited.then(() => rmSync(directory, { recursive: true, force: true }));
    const banner = await proxy.until(() => /KeyCycle \S+\s+(http:\/\/\S+)/.exec(proxy.output)?.[1]);
    proxy.url = banner;
    return proxy;
  }

  /** Waits until what was written so far satisfies; throws when the process ends first. */
  async until<T>(found: () => T | undefined): Promise<T> {
    for (;;) {
      const value = found();
      if (value !== undefined) return value;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      const ended = await Promise.race([promise.then(() => false), this.process.exited.then(() => true)]);
      this.#waiting.delete(resolve);
      if (ended && found() === undefined) throw new Error(`keycycle ended: ${this.output}`);
    }
  }

  get log(): LogLine[] {
    return this.output
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** The first log line, from the beginning on, that fits; waits for it. */
  async logged(fits: (line: LogLine) => boolean): Promise<LogLine> {
    return await this.until(() => this.log.find(fits));
  }

  /** POSTs JSON, as curl would. */
  async post(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    return await fetch(this.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
      signal,
    });
  }

  async stop(): Promise<number> {
    this.process.kill("SIGTERM");
    return await this.process.exited;
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.output += decoder.decode(chunk, { stream: true });
      for (const wake of this.#waiting) wake();
    }
  }
}

/** A simulator and the proxy in front of it, both stopped at the end of the test's `await using`. */
export interface Stage extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly proxy: Proxy;
}

/** What `stage` takes for a key: what the simulator knows of it and what the configuration says. */
export type StageKey = SimulatedKey &
  Omit<KeyEntry, "key" | "models"> & { readonly serves?: readonly string[] | string };

/**
 * @param keys     each named by its position (`key-1`) unless it has a name
 * @param options  `config` is merged over the configuration that the keys make
 */
export async function stage(
  keys: readonly StageKey[],
  options: {
    config?: Record<string, unknown>;
    simulator?: Omit<SimulatorOptions, "keys">;
    args?: readonly string[];
  } = {},
): Promise<Stage> {
  const simulator = Simulator.start({ ...options.simulator, keys });
  const apiKeys = keys.map(({ name, secret, provider, account, priority, weight, url, serves }, index) => ({
    name: name ?? `key-${index + 1}`,
    key: secret,
    url: url ?? simulator.url,
    models: serves ?? ["others"],
    ...(provider === undefined ? {} : { provider }),
    ...(account === undefined ? {} : { account }),
    ...(priority === undefined ? {} : { priority }),
    ...(weight === undefined ? {} : { weight }),
  }));
  const proxy = await Proxy.start({ apiKeys, ...options.config }, { args: options.args ?? [] });
  return stageOf(simulator, proxy);
}

/** Both, stopped together at the end of the test. */
export function stageOf(simulator: Simulator, proxy: Proxy): Stage {
  return {
    simulator,
    proxy,
    async [Symbol.asyncDispose]() {
      proxy.process.kill("SIGKILL");
      await proxy.process.exited;
      await simulator.stop();
    },
  };
}

export const CHAT = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Say hello." }] };
