import type { Config } from "../../config/config.ts";
import { showTyped } from "../../config/secrecy.ts";
import { allowsModel, isExactName } from "../../rotation/models.ts";
import type { Routing } from "./routing.ts";

/**
 * What of a right configuration its owner may not have meant, beside what `serve` warns of too: models that
 * are served by fewer keys than it looks, and models that clients may ask for in vain.
 */
export function noticesOf({ clients, aliases, keys }: Config, routings: readonly Routing[]): string[] {
  return [...routings.flatMap(ofRouting), ...clients.flatMap(({ name, models }) => ofClient(name, models))];

  function ofClient(client: string, models: readonly string[]): string[] {
    const known = new Set(aliases.map(({ name }) => name));
    return models
      .filter((model) => isExactName(model) && !known.has(model))
      .filter((model) => !keys.some((key) => key.models.includes("others") || allowsModel(key.models, model)))
      .map((model) => `client ${client} may ask for "${showTyped(model)}", which no key serves`);
  }
}

function ofRouting({ model, routes, passedOver }: Routing): string[] {
  const shown = `"${showTyped(model)}"`;
  if (routes.length === 0)
    return [`no key serves ${shown}: the APIs of those that name it cannot be asked for it`];
  if (passedOver.length === 0) return [];
  const verb = passedOver.length === 1 ? "does" : "do";
  const by = [...new Set(routes.flatMap(({ tiers }) => tiers.flat()))];
  return [
    `${listed(passedOver)} ${verb} not serve ${shown}, since ${listed(by)} ${by.length === 1 ? "names" : "name"} it and a name beats a glob`,
  ];
}

/** Some names, and how many more. */
export function listed(names: readonly string[], most = 4): string {
  const more = names.length - most;
  return more > 1 ? `${names.slice(0, most).join(", ")} and ${more} more` : names.join(", ");
}
