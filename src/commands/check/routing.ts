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
export function routingsOf({ keys }: Config): Routing[] {
  const kinds = kindsOf(keys);
  const apis = distinctApis(kinds);
  const index = new ModelIndex(kinds);
  const namesOf = (some: readonly Kind[]) => namesInOrder(some, keys);
  return modelsOf(keys).map((model) => {
    const asked = sampleOf(model);
    const routes = new Map<string, Route>();
    const served = new Set<Kind>();
    for (const alike of apis) {
      const [api] = alike;
      if (api === undefined) continue;
      const serving = index.keysFor(asked, (kind) => PROVIDERS[kind.provider].serves(api, kind));
      for (const kind of serving) served.add(kind);
      const tiers = inTiers(serving).map(namesOf);
      const id = JSON.stringify(tiers);
      if (tiers.length > 0) routes.set(id, { apis: [...(routes.get(id)?.apis ?? []), ...alike], tiers });
    }
    const globbing = isExactName(model) && model !== OTHERS ? index.globbing(model) : [];
    const passedOver = namesOf(globbing.filter((kind) => !served.has(kind)));
    return { model, routes: [...routes.values()], passedOver };
  });
}

/** Keys that differ in nothing that matters to who serves what. */
interface Kind extends Pick<KeyConfig, "provider" | "url" | "models" | "priority"> {
  /** Where in the configuration they are. */
  readonly places: readonly number[];
}

function kindsOf(keys: readonly KeyConfig[]): Kind[] {
  const kinds = new Map<string, Kind & { readonly places: number[] }>();
  for (const [place, { provider, url, models, priority }] of keys.entries()) {
    const id = JSON.stringify([provider, url, models, priority]);
    const known = kinds.get(id);
    if (known === undefined) kinds.set(id, { provider, url, models, priority, places: [place] });
    else known.places.push(place);
  }
  return [...kinds.values()];
}

function namesInOrder(kinds: readonly Kind[], keys: readonly KeyConfig[]): string[] {
  // Plain loops: where a thousand keys have a glob for a thousand names, these are a million.
  const places: number[] = [];
  for (const kind of kinds) for (const place of kind.places) places.push(place);
  if (places.some((place, at) => place < (places[at - 1] ?? 0))) places.sort((a, b) => a - b);
  const names: string[] = [];
  for (const place of places) names.push(keys[place]?.name ?? "");
  return names;
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
function distinctApis(keys: readonly Kind[]): Api[][] {
  const answered = (api: Api) =>
    keys.map((key) => (PROVIDERS[key.provider].serves(api, key) ? "1" : "0")).join("");
  return [...Map.groupBy(APIS, answered).values()];
}
