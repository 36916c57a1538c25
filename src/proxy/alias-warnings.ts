import type { AliasConfig, Config, KeyConfig } from "../config/config.ts";
import { showTyped } from "../config/secrecy.ts";
import { type Api, APIS } from "../providers/api.ts";
import { PROVIDERS } from "../providers/registry.ts";
import { ModelIndex } from "../rotation/model-index.ts";

/**
 * What of the aliases can never be of use with the keys that there are: models that no key serves, and
 * models that cannot stand in for those before them, since no client reaches both: requests are not
 * translated from one API into another.
 *
 * @returns for the person who runs it, each with file, line and column
 */
export function warnOfAliases({ aliases, keys }: Pick<Config, "aliases" | "keys">): string[] {
  const index = new ModelIndex(keys);
  return aliases.flatMap((alias) => {
    const reach = alias.models.map((model) => ({ model, apis: apisFor(index, model) }));
    if (reach.every(({ apis }) => apis.length === 0))
      return [`${nameOf(alias)}: no key serves anything that it stands for, so asking for it ends in a 404`];
    return reach.flatMap(({ model, apis }, at) => {
      if (apis.length === 0)
        return [`${nameOf(alias)}: no key serves ${quoted(model)}, so it is passed over`];
      const before = reach.slice(0, at).filter((other) => other.apis.length > 0);
      const common = before.some((other) => other.apis.some((api) => apis.includes(api)));
      if (before.length === 0 || common) return [];
      const others = before.map((other) => `${quoted(other.model)} (${other.apis.join(", ")})`).join(" and ");
      return [
        `${nameOf(alias)}: ${quoted(model)} (${apis.join(", ")}) can never stand in for ${others}: no API reaches both`,
      ];
    });
  });
}

/** The APIs through which clients reach a model. */
function apisFor(index: ModelIndex<KeyConfig>, model: string): Api[] {
  return APIS.filter(
    (api) => index.keysFor(model, (key) => PROVIDERS[key.provider].serves(api, key)).length > 0,
  );
}

function nameOf({ place, name }: AliasConfig): string {
  return `${place}  aliases.${showTyped(name)}`;
}

function quoted(model: string): string {
  return `"${showTyped(model)}"`;
}
