/**
 * The configuration as the rest of KeyCycle sees it: parsed, checked, with defaults filled in and
 * every unit resolved. Nothing in here is optional that is always there.
 */

/** Who answers at a key's base URL: decides where the credential goes, how limits and errors are read. */
export const PROVIDER_NAMES = [
  "openai",
  "anthropic",
  "gemini",
  "azure",
  "openrouter",
  "groq",
  "mistral",
  "deepseek",
  "xai",
  "together",
  "fireworks",
  "compatible",
] as const;

export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** What its owner says that a key, or a client, may use; an upper bound from the start. Undefined: no bound. */
export interface LimitsConfig {
  /** Requests in any 60 seconds. */
  readonly rpm: number | undefined;
  /** Tokens in any 60 seconds, input and output together. */
  readonly tpm: number | undefined;
  /** Requests in any 24 hours. */
  readonly rpd: number | undefined;
  /** Requests under way at once. */
  readonly concurrency: number | undefined;
}

export const NO_LIMITS: LimitsConfig = {
  rpm: undefined,
  tpm: undefined,
  rpd: undefined,
  concurrency: undefined,
};

/** One API key with everything that is needed to use it. */
export interface KeyConfig {
  /** Unique; what logs, headers and messages call the key. */
  readonly name: string;
  /** The secret itself. Goes into the credential of upstream requests and nowhere else. */
  readonly secret: string;
  /** Base URL without a trailing slash, query or fragment. */
  readonly url: string;
  /** Exact names, globs (`gpt-*`), and `others` for every model that no key names. */
  readonly models: readonly string[];
  readonly provider: ProviderName;
  /** Keys of the same have files, batches and the like in common; undefined where nobody said. */
  readonly account: string | undefined;
  /** Lower tiers are used first; a higher one only when no key of the lower can serve. */
  readonly priority: number;
  /** Share of the requests within the tier, relative to the other keys; above 0. */
  readonly weight: number;
  readonly limits: LimitsConfig;
  /** Set on every upstream request of this key; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Outbound HTTP proxy for this key. */
  readonly proxy: string | undefined;
}

/** Somebody who may use the proxy. */
export interface ClientConfig {
  readonly name: string;
  readonly token: string;
  /** Exact names and globs that this client may ask for; `["*"]` by default. */
  readonly models: readonly string[];
  readonly limits: LimitsConfig;
}

/** A name that stands for models: each of them may answer a request that asks for it. */
export interface AliasConfig {
  readonly name: string;
  /** Models as the providers call them; the first that can be served in time is used. */
  readonly models: readonly [string, ...string[]];
  /** Where it stands, as `file:line:column`. */
  readonly place: string;
}

export interface ServerConfig {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /**
   * The largest request body that is held for a retry, the largest that is accepted where it has to be held,
   * and the largest message of a WebSocket.
   */
  readonly maxBodyBytes: number;
  /** How much is held at once of the bodies of all requests; those of less than 128 kB do not count. */
  readonly maxHeldBytes: number;
  /** How long a client may be silent while it sends a request (`ClientPace`), and an idle connection may stay. */
  readonly readTimeoutMs: number;
  /** Requests under way at once; one more is answered with 503. */
  readonly maxRequests: number;
  /** How long streams may go on after the signal to stop. */
  readonly drainTimeoutMs: number;
  /** Origins that a browser's page may call from; `*` for all. */
  readonly cors: readonly string[];
  /** Names, beside loopback ones, under which the proxy may be addressed when it has no clients. */
  readonly hostnames: readonly string[];
  /** Serve beyond loopback without clients. */
  readonly allowAnonymous: boolean;
  /** Send `x-keycycle-key`, `-model`, `-affinity`, `-attempts` and `-incomplete`, and `x-request-id` with answers. */
  readonly responseHeaders: boolean;
}

export const STRATEGY_NAMES = ["headroom", "round-robin", "least-busy", "latency", "weighted"] as const;

export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** What keeps requests on one key: what they would share in the provider's prompt cache, or whose they are. */
export const AFFINITY_MODES = ["prompt-cache", "client", "none"] as const;

export type AffinityMode = (typeof AFFINITY_MODES)[number];

export interface RotationConfig {
  readonly strategy: StrategyName;
  readonly affinity: AffinityMode;
  /** Attempts for one request that may end in an upstream's failure; refusals that set a key aside do not count. */
  readonly maxAttempts: number;
  /** From the arrival of a request; past it no further attempt is started. */
  readonly deadlineMs: number;
  /** How long a request may wait for a key when all are limited; 0: not at all. */
  readonly maxWaitMs: number;
  /** Requests that may wait at once; one more is answered at once. */
  readonly maxQueue: number;
  /** Before the provider of a key that it refused is asked for the first time whether it takes it again; 0: never. */
  readonly probeAfterMs: number;
  readonly timeouts: {
    /** Until the upstream accepts the connection. */
    readonly connectMs: number;
    /** From the start of an attempt until the first byte of the answer; anew with each part of an upload that is taken. */
    readonly firstByteMs: number;
    /** Between two chunks of an answer; on a WebSocket, without a word from the upstream, answers to pings included. */
    readonly idleMs: number;
  };
}

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ["auto", "pretty", "json"] as const;

export interface LogConfig {
  readonly level: LogLevel;
  /** `auto`: pretty on a terminal, JSON lines elsewhere. */
  readonly format: (typeof LOG_FORMATS)[number];
}

/** Where what was learned lasts: for the life of the process, or in a file. */
export type StateConfig =
  | { readonly kind: "memory" }
  /** Absolute, once the configuration is loaded. */
  | { readonly kind: "file"; readonly path: string };

/** Where a configuration came from. */
export type ConfigSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "environment"; readonly variables: readonly string[] }
  | { readonly kind: "demo" };

/** Which requests are remembered. */
export interface HistoryConfig {
  /** At most so many; 0: none. */
  readonly keep: number;
  readonly maxAgeMs: number;
}

/** Who may look at and steer the running proxy, beside whoever may open its socket. */
export interface AdminConfig {
  /** With it the admin API answers on the proxy's own port too; undefined: on the socket alone. */
  readonly token: string | undefined;
}

export interface Config {
  readonly source: ConfigSource;
  readonly server: ServerConfig;
  readonly clients: readonly ClientConfig[];
  /** In the order of the file; `keys` and `keysFile` entries expanded to one each. */
  readonly keys: readonly KeyConfig[];
  readonly aliases: readonly AliasConfig[];
  readonly rotation: RotationConfig;
  readonly state: StateConfig;
  readonly history: HistoryConfig;
  readonly admin: AdminConfig;
  readonly log: LogConfig;
}
