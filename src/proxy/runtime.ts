import type { AliasConfig, ClientConfig, Config, KeyConfig, StrategyName } from "../config/config.ts";
import { KNOWN_PROVIDERS } from "../config/known-providers.ts";
import type { Api } from "../providers/api.ts";
import type { Provider } from "../providers/provider.ts";
import { PROVIDERS } from "../providers/registry.ts";
import { createKeyState, type RotationKey } from "../rotation/key-state.ts";
import { ModelIndex } from "../rotation/model-index.ts";
import { createPool, type Pool } from "../rotation/pool.ts";
import { type Breaker, createBreaker } from "../rotation/breaker.ts";
import { type Bounds, changeBounds, CLOCK_MS, createBounds } from "../rotation/limits/bounds.ts";
import { RetryBudget } from "../rotation/retry-budget.ts";
import { forgetGone } from "../rotation/roster.ts";
import { headroom } from "../rotation/strategies/headroom.ts";
import { latency } from "../rotation/strategies/latency.ts";
import { leastBusy } from "../rotation/strategies/least-busy.ts";
import { roundRobin } from "../rotation/strategies/round-robin.ts";
import type { Strategy } from "../rotation/strategies/strategy.ts";
import { weighted } from "../rotation/strategies/weighted.ts";
import { OwnerBook } from "../state/owner-book.ts";
import { Bindings } from "./ephemeral/bindings.ts";
import { TokenTrends } from "./estimate-tokens.ts";
import { KnownSecrets } from "./known-secrets.ts";
import { ModelLists } from "./models/model-lists.ts";
import { azureOwnsOpenAiPath } from "./mount.ts";
import { HeldBytes } from "./held-bytes.ts";
import { accountIdentity } from "./owners/accounts.ts";
import { generatesOnly, keysAtHome } from "./owners/keepers.ts";
import { PoolCache } from "./pool-cache.ts";
import type { Hold } from "./upload.ts";
import { type BaseUrl, parseBaseUrl } from "./upstream-url.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** A key, ready for use. */
export interface UpstreamKey extends RotationKey {
  readonly config: KeyConfig;
  /** What its account is the same by (`accountIdentity`); holds a secret. */
  readonly account: string;
  readonly provider: Provider;
  readonly base: BaseUrl;
  /** Origin of the host that is connected to: the outbound proxy's where the key has one. */
  readonly dialed: string;
  /** Whether the upstream is no provider's own address: some servers repeat a request's headers, key and all. */
  readonly mayRepeatKey: boolean;
  /** The key's own headers, as they are set on each request. */
  readonly headers: readonly (readonly [string, string])[];
}

/** What a client has left of its own limits. */
export interface Allowance {
  readonly bounds: Bounds;
  /** Requests under way. */
  inFlight: number;
}

/** A client with its token only as a hash. */
export interface KnownClient {
  readonly name: string;
  readonly tokenHash: Uint8Array;
  readonly models: readonly string[];
  readonly allowance: Allowance;
}

/**
 * All that serving needs of one configuration. A reload makes a new one; requests under way keep theirs.
 */
export interface Runtime {
  readonly config: Config;
  readonly keys: readonly UpstreamKey[];
  readonly clients: readonly KnownClient[];
  readonly strategy: Strategy;
  /** The models that each alias stands for, in their order. */
  readonly aliases: ReadonlyMap<string, AliasConfig["models"]>;
  /** Whether paths under `/openai` are Azure's and Groq's own, whatever else a request says: see `mountOf`. */
  readonly azureOwnsOpenAiPath: boolean;
  /** Of all configurations of this process. */
  readonly budget: RetryBudget;
  readonly waiting: WaitingRoom;
  readonly owners: OwnerBook;
  readonly tokenTrends: TokenTrends;
  readonly modelLists: ModelLists;
  /** What may be held of the bodies of requests. */
  readonly hold: Hold;
  readonly bindings: Bindings;
  /** None of them is told, wherever a client puts it. */
  readonly secrets: KnownSecrets;
  /**
   * The keys that serve a model to clients of an API; "" for requests that name no model.
   *
   * @param generates  whether they are to generate, which is all that some can in another's API
   */
  poolFor(api: Api, model: string, generates?: boolean): Pool<UpstreamKey>;
}

export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  headroom,
  "round-robin": roundRobin,
  "least-busy": leastBusy,
  latency,
  weighted,
};

/** @param previous  what was learned of keys that have not changed is taken over from here */
export function createRuntime(config: Config, previous?: Runtime): Runtime {
  const before = new Map(previous?.keys.map((key) => [identityOf(key.config), key]));
  const breakers = new Map(previous?.keys.map((key) => [key.upstream, key.breaker]));
  for (const { sleepers } of [...before.values(), ...breakers.values()]) forgetGone(sleepers);
  // At the start of the process all keys are new alike: none is to give way.
  const addedMs = previous === undefined ? 0 : Date.now();
  const bases = new Map<string, BaseUrl>();
  const boundsOf = takeOverBounds(previous);
  const keys = config.keys.map((key) =>
    createUpstreamKey(key, before, boundsOf(key), breakers, bases, addedMs),
  );
  const index = new ModelIndex(keys);
  const pools = new PoolCache();

  return {
    config,
    keys,
    clients: createClients(config.clients, previous),
    strategy: STRATEGIES[config.rotation.strategy],
    aliases: new Map(config.aliases.map(({ name, models }) => [name, models])),
    azureOwnsOpenAiPath: azureOwnsOpenAiPath(config.keys),
    budget: previous?.budget ?? new RetryBudget(),
    waiting: previous?.waiting ?? new WaitingRoom(),
    owners: previous?.owners ?? new OwnerBook(),
    tokenTrends: previous?.tokenTrends ?? new TokenTrends(),
    modelLists: previous?.modelLists ?? new ModelLists(),
    hold: {
      mostBytes: Math.min(config.server.maxBodyBytes, config.server.maxHeldBytes),
      mostOfAllBytes: config.server.maxHeldBytes,
      ofAll: previous?.hold.ofAll ?? new HeldBytes(),
    },
    bindings: previous?.bindings ?? new Bindings(),
    secrets: new KnownSecrets(config),
    poolFor(api, model, generates = true) {
      const id = `${generates ? "" : "not "}${api} ${model}`;
      const known = pools.get(id);
      if (known !== undefined) return known;
      const speaks = (key: UpstreamKey) =>
        key.provider.serves(api, key.config) && (generates || !generatesOnly(key, api));
      return pools.add(
        id,
        createPool(model, model === "" ? keysAtHome(keys, api) : index.keysFor(model, speaks)),
      );
    },
  };
}

/**
 * What a key has used of its own limits stays used, whatever they are now. Of a key that stands in several
 * entries, each has its own, in their order.
 */
function takeOverBounds(previous: Runtime | undefined): (key: KeyConfig) => Bounds {
  const before = Map.groupBy(previous?.keys ?? [], ({ config }) => identityOf(config));
  return (key) => {
    const known = before.get(identityOf(key))?.shift()?.bounds;
    if (known === undefined) return createBounds(key.limits);
    changeBounds(known, key.limits);
    return known;
  };
}

/** The same secret at the same URL is the same key, whatever else changed about it. */
export function identityOf({ provider, url, secret }: KeyConfig): string {
  return `${provider} ${url} ${secret}`;
}

const NO_HEADERS: UpstreamKey["headers"] = [];

const PROVIDERS_OWN: ReadonlySet<string> = new Set(KNOWN_PROVIDERS.map(({ url }) => new URL(url).origin));

function createUpstreamKey(
  config: KeyConfig,
  before: ReadonlyMap<string, UpstreamKey>,
  bounds: Bounds,
  breakers: Map<string, Breaker>,
  bases: Map<string, BaseUrl>,
  addedMs: number,
): UpstreamKey {
  // Ten thousand keys of one upstream share what they have in common.
  const base = bases.get(config.url) ?? parseBaseUrl(config.url);
  bases.set(config.url, base);
  const breaker = breakers.get(base.origin) ?? createBreaker();
  breakers.set(base.origin, breaker);
  const known = before.get(identityOf(config));
  const headers = Object.entries(config.headers);
  const provider = PROVIDERS[config.provider];
  return {
    config,
    account: accountIdentity(config, identityOf(config)),
    provider,
    base,
    dialed: config.proxy === undefined ? base.origin : new URL(config.proxy).origin,
    mayRepeatKey: !PROVIDERS_OWN.has(base.origin),
    headers: headers.length === 0 ? NO_HEADERS : headers,
    name: config.name,
    seed: Bun.hash.xxHash32(identityOf(config)),
    upstream: base.origin,
    priority: config.priority,
    weight: config.weight,
    models: config.models,
    state: known?.state ?? createKeyState(addedMs, provider.sharedLimits),
    bounds,
    breaker,
    sleepers: known?.sleepers ?? [],
  };
}

/** A client is the same by its token, and by its name where its token is another than before. */
function createClients(clients: readonly ClientConfig[], previous: Runtime | undefined): KnownClient[] {
  const byToken = new Map<string, Allowance>();
  const byName = new Map<string, Allowance>();
  const tokens = new Set(clients.map(({ token }) => token));
  for (const [index, { name, token }] of previous?.config.clients.entries() ?? []) {
    const allowance = previous?.clients[index]?.allowance;
    if (allowance === undefined) continue;
    if (tokens.has(token)) byToken.set(token, allowance);
    else byName.set(name, allowance);
  }
  return clients.map(({ name, token, models, limits }) => {
    const known = byToken.get(token) ?? byName.get(name);
    if (known !== undefined) changeBounds(known.bounds, limits);
    const allowance = known ?? { bounds: createBounds(limits, CLOCK_MS), inFlight: 0 };
    return { name, models, tokenHash: sha256(token), allowance };
  });
}

/** Both sides of a comparison are hashed, so that its time tells nothing of the token, its length included. */
function sha256(text: string): Uint8Array {
  const hash = new Uint8Array(32);
  Bun.SHA256.hash(text, hash);
  return hash;
}
