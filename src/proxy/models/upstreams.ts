import type { Api } from "../../providers/api.ts";
import type { Runtime, UpstreamKey } from "../runtime.ts";

/** The keys of one provider at one URL that answer an API. */
export interface Upstream {
  /** One key for each account: the same secret, with the same headers, may stand in a configuration often. */
  readonly accounts: readonly UpstreamKey[];
}

/** Who is to be asked for models, and for which keys that speaks. */
export interface Upstreams {
  readonly all: readonly Upstream[];
  /**
   * Keys no two of which are alike in all that matters to who may ask for what: of ten thousand with one
   * list of models there may be one.
   */
  readonly kinds: readonly KeyKind[];
}

/** A key that stands for all those like it. */
export interface KeyKind {
  readonly key: UpstreamKey;
  /** Undefined where it does not answer the API. */
  readonly upstream: Upstream | undefined;
  /** The key that is asked for its account; undefined where that is beyond those which are asked. */
  readonly account: UpstreamKey | undefined;
}

/** Accounts of one upstream that are asked for their models: they hardly differ, and nobody asks ten thousand. */
export const MAX_ACCOUNTS = 8;

const upstreamsOf = new WeakMap<Runtime, Map<Api, Upstreams>>();

/** Worked out once for a configuration and an API. */
export function upstreamsFor(runtime: Runtime, api: Api): Upstreams {
  const byApi = upstreamsOf.get(runtime) ?? new Map<Api, Upstreams>();
  upstreamsOf.set(runtime, byApi);
  const upstreams = byApi.get(api) ?? group(runtime.keys, api);
  byApi.set(api, upstreams);
  return upstreams;
}

function group(keys: readonly UpstreamKey[], api: Api): Upstreams {
  const upstreams = new Map<string, { readonly accounts: UpstreamKey[] }>();
  const accounts = new Map<string, { readonly key: UpstreamKey; readonly isAsked: boolean }>();
  const kinds = new Map<string, KeyKind>();
  const addKind = (id: string, kind: KeyKind) => {
    const full = `${id}\n${kind.key.models.join("\n")}`;
    if (!kinds.has(full)) kinds.set(full, kind);
  };
  for (const key of keys) {
    const { provider, url, secret, headers } = key.config;
    if (!key.provider.serves(api, key.config)) {
      addKind("", { key, upstream: undefined, account: undefined });
      continue;
    }
    const place = `${provider} ${url}`;
    const upstream = upstreams.get(place) ?? { accounts: [] };
    upstreams.set(place, upstream);
    const accountId = `${place} ${JSON.stringify([secret, headers])}`;
    let account = accounts.get(accountId);
    if (account === undefined) {
      account = { key, isAsked: upstream.accounts.length < MAX_ACCOUNTS };
      accounts.set(accountId, account);
      upstream.accounts.push(key);
    }
    const asked = account.isAsked ? account.key : undefined;
    addKind(`${place} ${asked?.name ?? ""}`, { key, upstream, account: asked });
  }
  return { all: [...upstreams.values()], kinds: [...kinds.values()] };
}
