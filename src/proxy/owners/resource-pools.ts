import type { Api } from "../../providers/api.ts";
import { allowsModel, OTHERS } from "../../rotation/models.ts";
import { createPool, type Pool } from "../../rotation/pool.ts";
import { PoolCache } from "../pool-cache.ts";
import type { Runtime, UpstreamKey } from "../runtime.ts";
import { Accounts } from "./accounts.ts";
import { keysAtHome, keysThatKeep } from "./keepers.ts";

/** So many accounts of a client's order come one by one; where all of them are out, any other will do. */
const MAX_IN_ORDER = 8;

/** The pools of requests for which not any key will do, and the accounts behind them, for one configuration. */
export class ResourcePools {
  readonly accounts: Accounts<UpstreamKey>;
  readonly #runtime: Runtime;
  readonly #pools = new PoolCache();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.accounts = new Accounts(runtime.keys, runtime.owners);
  }

  /**
   * Of some keys those that serve the model. A model that other keys name exactly is theirs by preference
   * only: here nobody else can serve.
   *
   * @param id  what the keys are the same by
   */
  among(keys: readonly UpstreamKey[], id: string, api: Api, model: string): Pool<UpstreamKey> {
    return this.#cached(`among ${id} ${api} ${model}`, () => {
      const able = keys.filter(({ provider, config, models }) => {
        const isServed = model === "" || models.includes(OTHERS) || allowsModel(models, model);
        return isServed && provider.serves(api, config);
      });
      return createPool(model, able);
    });
  }

  /**
   * For what a client makes, and reads without naming a thing: its home account first, the next in its
   * order while that is out. What is used together has to be in one account, so a client's things should
   * be; and another client's are at another's, so that all accounts have their share.
   */
  atHome(api: Api, model: string, client: string): Pool<UpstreamKey> {
    return this.#cached(`home ${api} ${model} ${client}`, () => {
      const keys = this.#runtime.poolFor(api, model, false).tiers.flatMap((tier) => tier.keys);
      const tiers = createPool(model, keys).tiers.flatMap((tier) => this.#inOrder(model, tier.keys, client));
      return { model, tiers };
    });
  }

  /** For things that nobody knows of: those first that are most likely to have them. */
  anywhere(api: Api): Pool<UpstreamKey> {
    return this.#cached(`anywhere ${api}`, () => {
      const atHome = new Set(keysAtHome(this.#runtime.keys, api));
      const others = keysThatKeep(this.#runtime.keys, api).filter((key) => !atHome.has(key));
      return { model: "", tiers: [...createPool("", [...atHome]).tiers, ...createPool("", others).tiers] };
    });
  }

  #inOrder(model: string, keys: readonly UpstreamKey[], client: string) {
    const ofTier = new Set(keys);
    const accounts = this.accounts
      .of(keys)
      .map((account) => ({ account, score: Bun.hash(`${client} ${account.keys[0]?.account}`) }))
      .toSorted((a, b) => (a.score < b.score ? -1 : 1))
      .map(({ account }) => account.keys.filter((key) => ofTier.has(key)));
    const last = accounts.slice(MAX_IN_ORDER).flat();
    return [...accounts.slice(0, MAX_IN_ORDER), last].flatMap((part) => createPool(model, part).tiers);
  }

  #cached(id: string, make: () => Pool<UpstreamKey>): Pool<UpstreamKey> {
    return this.#pools.get(id) ?? this.#pools.add(id, make());
  }
}

const poolsOf = new WeakMap<Runtime, ResourcePools>();

export function resourcePools(runtime: Runtime): ResourcePools {
  let pools = poolsOf.get(runtime);
  if (pools === undefined) {
    pools = new ResourcePools(runtime);
    poolsOf.set(runtime, pools);
  }
  return pools;
}
