import type { AliasConfig, KeyConfig } from "./config.ts";
import type { Reader } from "./reader.ts";
import { whyNoModel } from "./record-names.ts";
import type { ConfigFile } from "./schema.ts";
import { isShowable, showName } from "./secrecy.ts";
import type { Source } from "./source.ts";

type Chains = ReadonlyMap<string, readonly string[]>;

/** Checks what each alias stands for: models of the providers, each once. What is wrong is reported. */
export function expandAliases(
  written: ConfigFile["aliases"],
  keys: readonly KeyConfig[],
  reader: Reader,
  source: Source,
): { readonly aliases: AliasConfig[]; readonly warnings: string[] } {
  const chains: Chains = new Map(Object.entries(written));
  const aliases: AliasConfig[] = [];
  const warnings: string[] = [];
  for (const [name, models] of chains) {
    const path = `aliases.${showName(name)}`;
    const { span } = reader.place(written, name);
    for (const [index, model] of models.entries()) {
      const problem = whatIsWrong(name, model, models.slice(0, index), chains);
      if (problem !== undefined)
        reader.report(reader.place(models, String(index)).span, `${path} ${problem}`);
    }
    const [first, ...rest] = models;
    if (first === undefined) continue;
    const { line, column } = source.position(span.start);
    const place = `${source.path}:${line}:${column}`;
    aliases.push({ name, models: [first, ...rest], place });
    const hidden = models.includes(name) ? undefined : keys.find((key) => key.models.includes(name));
    if (hidden !== undefined) {
      warnings.push(
        `${place}  ${path} hides the model of that name, which ${hidden.name} serves: put it into the list too, or choose another name`,
      );
    }
  }
  return { aliases, warnings };
}

/** What is wrong with one model of a chain, to follow the name of its alias; undefined where nothing is. */
function whatIsWrong(
  alias: string,
  model: string,
  before: readonly string[],
  chains: Chains,
): string | undefined {
  const shown = isShowable(model) ? `"${model}"` : "a model";
  const problem = whyNoModel(model);
  if (problem !== undefined) return `names ${shown}, which ${problem}`;
  if (before.includes(model)) return `names ${shown} twice: once is enough`;
  const standsFor = chains.get(model);
  if (model === alias && standsFor?.length === 1)
    return "stands for nothing but itself: name the model that it is for";
  // What stands in its own list is the name of a model first of all.
  if (standsFor === undefined || standsFor.includes(model)) return undefined;
  return `names ${shown}, which is an alias itself: name the models that it stands for`;
}
