import type { Config, KeyConfig } from "../../config/config.ts";
import { type Api, APIS } from "../../providers/api.ts";
import { PROVIDERS } from "../../providers/registry.ts";
import { ModelIndex } from "../../rotation/model-index.ts";
import { isExactName, OTHERS } from "../../rotation/models.ts";
import { inTiers } from "../../rotation/pool.ts";

/** Which keys serve a model, in the order in which they are turned to. */
export interface Route {
  /** The APIs through which clients reach it this way. */
  readonly apis: readonly Api[];
  /** Names of keys; a later tier serves only when no key of an earlier one can. */
  readonly tiers: readonly (readonly string[])[];
}

/** A name, glob or `others` that the configuration has, and who serves it. */
export interface Routing {
  readonly model: string;
  /** Several where clients of different APIs reach different keys; none where nobody serves it. */
  readonly routes: readonly Route[];
  /** Keys that have a glob for this name, but do not serve it, since another key names it. */
  readonly passedOver: readonly string[];
}

/** Stands in a glob for what no other name of the configuration has in its place. */
const ANYTHING = "\uFFFF";

/**
 * Who serves each model that the configuration names, by the proxy's own rules. Keys that differ in nothing
 * that matters to these are asked about once, so that a thousand keys cost no more than their kinds.
 */
export function routingsOf(config: Config): Routing[] {
  const kinds = Map.groupBy(config.keys, (key) =>
    JSON.stringify([key.provider, key.url, key.models, key.priority]),
  );
  const members = new Map<string, readonly KeyConfig[]>();
  const places = new Map(config.keys.map((key, at) => [key.name, at]));
  for (const [first, ...rest] of kinds.values())
    if (first !== undefined) members.set(first.name, [first, ...rest]);
  const kindKeys = [...members.values()].flatMap(([first]) => first ?? []);
  const namesOf = (kind: string) => members.get(kind)?.map(({ name }) => name) ?? [];
  const inOrder = (names: readonly string[]) =>
    names.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  const apis = distinctApis(kindKeys);
  const index = new ModelIndex(kindKeys);
  return modelsOf(config.keys).map((model) => {
    const asked = sampleOf(model);
    const routes = new Map<string, Route>();
    for (const alike of apis) {
      const [api] = alike;
      if (api === undefined) continue;
      const serving = index.keysFor(asked, (key) => PROVIDERS[key.provider].serves(api, key));
      const tiers = inTiers(serving).map((keys) => inOrder(keys.flatMap(({ name }) => namesOf(name))));
      const id = JSON.stringify(tiers);
      if (tiers.length > 0) routes.set(id, { apis: [...(routes.get(id)?.apis ?? []), ...alike], tiers });
    }
    const served = new Set([...routes.values()].flatMap(({ tiers }) => tiers.flat()));
    const globbing = isExactName(model) && model !== OTHERS ? index.globbing(model) : [];
    const passedOver = globbing.flatMap(({ name }) => namesOf(name)).filter((name) => !served.has(name));
    return { model, routes: [...routes.values()], passedOver: inOrder(passedOver) };
  });
}

/** Exact names first, then globs, then `others`, each in the order of the file. */
function modelsOf(keys: readonly KeyConfig[]): string[] {
  const all = [...new Set(keys.flatMap(({ models }) => models))];
  return all.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function rankOf(model: string): number {
  if (model === OTHERS) return 2;
  return isExactName(model) ? 0 : 1;
}

/** A model that fits an entry and no more exact one. */
function sampleOf(model: string): string {
  return model === OTHERS ? ANYTHING : model.replaceAll(/[*?]/g, ANYTHING);
}

/** APIs that the same keys answer need to be asked about once. */
function distinctApis(keys: readonly KeyConfig[]): Api[][] {
  const answered = (api: Api) =>
    keys.map((key) => (PROVIDERS[key.provider].serves(api, key) ? "1" : "0")).join("");
  return [...Map.groupBy(APIS, answered).values()];
}
