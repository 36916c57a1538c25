import type { Log } from "../../observe/log.ts";
import type { Api } from "../../providers/api.ts";
import type { FreeCall } from "../../providers/provider.ts";
import { learn } from "../../rotation/learn.ts";
import { obstacleOf } from "../../rotation/obstacle.ts";
import { tellChange } from "../learn-and-tell.ts";
import type { Runtime, UpstreamKey } from "../runtime.ts";
import { askForList, type ListResult } from "./ask-for-list.ts";
import { FRESH_MS, type KnownList } from "./model-lists.ts";
import type { ModelsById, Offering } from "./offers.ts";
import type { ListedModel } from "./read-list.ts";
import { type KeyKind, MAX_ACCOUNTS, type Upstream, upstreamsFor } from "./upstreams.ts";

/** How long a client waits for upstreams whose models are not known yet, counted from when they were asked. */
const MAX_WAIT_MS = 3_000;

/** Further accounts that are asked, one after the other, where none of the first would tell. */
const MAX_FAILOVERS = 3;

/** What is known of the models now. */
export interface Gathered {
  readonly offerings: readonly Offering[];
  /** Upstreams that told nothing: a key of each, by name, and why. */
  readonly missing: readonly { readonly key: string; readonly reason: string }[];
}

interface Asking {
  readonly runtime: Runtime;
  readonly api: Api;
  readonly log: Log;
  /** How old lists may be. */
  readonly freshMs: number;
}

/**
 * The models of every upstream that answers an API, as far as they are known within a few seconds. What
 * has been told before is taken as it is and asked for anew behind the answer.
 *
 * @param freshMs  lists older than this are waited for
 */
export async function gatherModels(
  runtime: Runtime,
  api: Api,
  log: Log,
  freshMs: number = Number.POSITIVE_INFINITY,
): Promise<Gathered> {
  const { all, kinds } = upstreamsFor(runtime, api);
  const asking: Asking = { runtime, api, log, freshMs };
  // In the order of the configuration, whichever is there first.
  const told = new Map(
    await Promise.all(
      all.map(async (upstream) => [upstream, await askUpstream(asking, upstream)] satisfies [Upstream, Told]),
    ),
  );
  return {
    offerings: kinds.map((kind) => offeringOf(kind, told)),
    missing: [...told.values()].flatMap(({ missing }) => missing ?? []),
  };
}

/** All that one key's upstream lists for it, whatever the configuration routes to it. */
export async function gatherFrom(runtime: Runtime, api: Api, log: Log, key: UpstreamKey): Promise<Gathered> {
  const list = look({ runtime, api, log, freshMs: Number.POSITIVE_INFINITY }, key);
  await waitFor(list, Number.POSITIVE_INFINITY);
  const offering = { models: ["*"], provider: key.config.provider, speaks: true, listed: list.models };
  const missing = list.models === undefined ? [{ key: key.name, reason: whyMissing(list) }] : [];
  return { offerings: [offering], missing };
}

/** What an upstream's accounts told. */
interface Told {
  readonly byAccount: ReadonlyMap<UpstreamKey, ModelsById>;
  /** Of all of them together; undefined where none told. */
  readonly models: ModelsById | undefined;
  readonly missing: Gathered["missing"][number] | undefined;
}

async function askUpstream(asking: Asking, { accounts }: Upstream): Promise<Told> {
  const now = Date.now();
  const open = accounts.filter(({ state }) => mayAsk(obstacleOf(state, "", now)?.kind));
  const lists = new Map<UpstreamKey, KnownList>();
  for (const key of open.slice(0, MAX_ACCOUNTS)) lists.set(key, look(asking, key));
  await Promise.all([...lists.values()].map((list) => waitFor(list, asking.freshMs)));
  for (const key of open.slice(MAX_ACCOUNTS, MAX_ACCOUNTS + MAX_FAILOVERS)) {
    if ([...lists.values()].some(({ models }) => models !== undefined)) break;
    if (Date.now() - now >= MAX_WAIT_MS) break;
    const list = look(asking, key);
    lists.set(key, list);
    await waitFor(list, asking.freshMs);
  }
  return tellOf(asking, accounts, lists);
}

function mayAsk(obstacle: string | undefined): boolean {
  // No money is needed for a list.
  return obstacle === undefined || obstacle === "spent";
}

function look({ runtime, api, log, freshMs }: Asking, key: UpstreamKey): KnownList {
  const call = key.provider.modelList(api, key.config);
  const ask = async () => {
    const result = await askForList(key, call, runtime.config.rotation.timeouts);
    learnFrom(key, result, log);
    return result;
  };
  return runtime.modelLists.look(key.state, nameOf(call), Math.min(freshMs, FRESH_MS), ask);
}

function peek({ runtime, api }: Asking, key: UpstreamKey): KnownList | undefined {
  return runtime.modelLists.peek(key.state, nameOf(key.provider.modelList(api, key.config)));
}

function nameOf({ path, query }: FreeCall): string {
  return path + query;
}

/** A list is no client's request: of what comes of it only that the key is refused or limited is taken over. */
function learnFrom(key: UpstreamKey, result: ListResult, log: Log): void {
  if (result.kind === "listed") return;
  log.message("warn", `${key.name} did not tell its models: ${result.reason}`);
  const { outcome } = result;
  if (outcome.kind !== "dead" && outcome.kind !== "limited") return;
  const now = Date.now();
  const change = learn(key.state, "", outcome, now, Math.random);
  if (change !== undefined) tellChange(log, key.name, "", change, now);
}

/** Until a list that is wanted is there, or its time is up. */
async function waitFor(list: KnownList, freshMs: number): Promise<void> {
  const now = Date.now();
  const isGood = list.models !== undefined && now - list.toldMs < freshMs;
  const leftMs = list.askedMs + MAX_WAIT_MS - now;
  if (list.underWay === undefined || isGood || leftMs <= 0) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, leftMs);
  await Promise.race([list.underWay, promise]);
  clearTimeout(timer);
}

function tellOf(
  asking: Asking,
  accounts: readonly UpstreamKey[],
  lists: ReadonlyMap<UpstreamKey, KnownList>,
): Told {
  const byAccount = toldBy(lists);
  if (byAccount.size > 0) return { byAccount, models: together(byAccount), missing: undefined };
  // What keys told before they were refused is better than nothing.
  const before = toldBy(new Map(accounts.map((key) => [key, peek(asking, key)])));
  if (before.size > 0) return { byAccount: before, models: together(before), missing: undefined };
  const [key] = lists.size > 0 ? lists.keys() : accounts;
  const list = key && lists.get(key);
  return { byAccount, models: undefined, missing: { key: key?.name ?? "", reason: whyMissing(list) } };
}

function toldBy(lists: ReadonlyMap<UpstreamKey, KnownList | undefined>): Map<UpstreamKey, ModelsById> {
  const told = new Map<UpstreamKey, ModelsById>();
  for (const [key, list] of lists) if (list?.models !== undefined) told.set(key, list.models);
  return told;
}

/** Of a model that several accounts have, the first one's word. */
function together(byAccount: ReadonlyMap<UpstreamKey, ModelsById>): ModelsById {
  const all = new Map<string, ListedModel>();
  for (const models of byAccount.values()) {
    for (const [id, model] of models) if (!all.has(id)) all.set(id, model);
  }
  return all;
}

function whyMissing(list: KnownList | undefined): string {
  if (list === undefined) return "its keys are refused or limited";
  return list.underWay === undefined ? list.failure : `no list within ${MAX_WAIT_MS / 1000} s`;
}

function offeringOf({ key, upstream, account }: KeyKind, told: ReadonlyMap<Upstream, Told>): Offering {
  const of = upstream && told.get(upstream);
  const listed = (account && of?.byAccount.get(account)) ?? of?.models;
  return { models: key.models, provider: key.config.provider, speaks: upstream !== undefined, listed };
}
