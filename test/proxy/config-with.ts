import {
  NO_LIMITS,
  type ClientConfig,
  type Config,
  type KeyConfig,
  type ServerConfig,
} from "../../src/config/config.ts";

interface Fields {
  readonly server?: Partial<ServerConfig>;
  readonly clients?: readonly (Pick<ClientConfig, "name" | "token"> & Partial<ClientConfig>)[];
  /** Each the alias, then its models. */
  readonly aliases?: readonly [string, string, ...string[]][];
  readonly keys?: readonly (Pick<KeyConfig, "name"> & Partial<KeyConfig>)[];
}

/** A configuration on loopback with the defaults; what matters to a test is said there. */
export function configWith({ server, clients = [], keys = [], aliases = [] }: Fields): Config {
  return {
    source: { kind: "demo" },
    server: {
      host: "127.0.0.1",
      port: 0,
      maxBodyBytes: 64 * 1024 * 1024,
      maxHeldBytes: 256 * 1024 * 1024,
      readTimeoutMs: 30_000,
      maxRequests: 1_000,
      drainTimeoutMs: 1_000,
      cors: [],
      hostnames: [],
      allowAnonymous: false,
      responseHeaders: true,
      ...server,
    },
    clients: clients.map((client) => ({ models: ["*"], limits: NO_LIMITS, ...client })),
    keys: keys.map((key) => ({
      secret: `secret-of-${key.name}`,
      url: "https://api.openai.com",
      models: ["others"],
      provider: "openai",
      account: undefined,
      priority: 0,
      weight: 1,
      limits: NO_LIMITS,
      headers: {},
      proxy: undefined,
      ...key,
    })),
    aliases: aliases.map(([name, ...models]) => ({ name, models, place: "keycycle.yaml:1:1" })),
    rotation: {
      strategy: "round-robin",
      affinity: "prompt-cache",
      maxAttempts: 4,
      deadlineMs: 600_000,
      maxWaitMs: 0,
      maxQueue: 1_000,
      probeAfterMs: 60_000,
      timeouts: { connectMs: 5_000, firstByteMs: 120_000, idleMs: 120_000 },
    },
    state: { kind: "memory" },
    history: { keep: 0, maxAgeMs: 1_000 },
    admin: { token: undefined },
    log: { level: "silent", format: "json" },
  };
}
