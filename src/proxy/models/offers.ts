import type { AliasConfig, KeyConfig } from "../../config/config.ts";
import type { Api } from "../../providers/api.ts";
import { ModelIndex } from "../../rotation/model-index.ts";
import { allowsModel, isExactName, namesExactly, OTHERS } from "../../rotation/models.ts";
import { entryFor } from "./entry.ts";
import type { ListedModel } from "./read-list.ts";

/** The models that an account has, by id. */
export type ModelsById = ReadonlyMap<string, ListedModel>;

/** A key, or many that are alike, as far as it matters to who may ask for what. */
export interface Offering extends Pick<KeyConfig, "models" | "provider"> {
  /** Whether it answers the API in question. */
  readonly speaks: boolean;
  /** Undefined where nobody could be asked. */
  readonly listed: ModelsById | undefined;
}

/** A model that clients may ask for. */
export interface Offer {
  readonly id: string;
  /** A JSON object in the form of the API. */
  readonly text: string;
}

export interface OfferQuestion {
  readonly api: Api;
  readonly offerings: readonly Offering[];
  readonly aliases: readonly Pick<AliasConfig, "name" | "models">[];
  /** What the client may ask for: exact names and globs. */
  readonly allowed: readonly string[];
}

/**
 * Every model that a client would be served if it asked for it: what the upstreams list and the
 * configuration routes to a key that has it, then what a key names exactly though no upstream lists it,
 * then the aliases. In the order of the keys, and of their upstreams' lists.
 */
export function offersOf(question: OfferQuestion): Offer[] {
  const { offerings, aliases, allowed } = question;
  const speaking = offerings.filter(({ speaks }) => speaks);
  const ids = new Set([
    ...speaking.flatMap(({ listed }) => [...(listed?.keys() ?? [])]),
    ...speaking.flatMap(({ models }) => models.filter((name) => isExactName(name) && name !== OTHERS)),
    ...aliases.map(({ name }) => name),
  ]);
  const mayUseAll = allowed.includes("*");
  const index = new ModelIndex(offerings);
  return [...ids].flatMap((id) =>
    mayUseAll || allowsModel(allowed, id) ? (offerFrom(index, question, id) ?? []) : [],
  );
}

/** One model or alias, whatever the client may use; undefined where no key would be asked for it. */
export function offerOf(question: OfferQuestion, id: string): Offer | undefined {
  return offerFrom(new ModelIndex(question.offerings), question, id);
}

function offerFrom(
  index: ModelIndex<Offering>,
  { api, aliases }: OfferQuestion,
  id: string,
): Offer | undefined {
  const models = aliases.find(({ name }) => name === id)?.models ?? [id];
  for (const model of models) {
    const serving = index.keysFor(model, ({ speaks }) => speaks);
    const having = serving.find(({ listed }) => listed?.has(model));
    const owner =
      having ??
      serving.find((key) => namesExactly(key, model)) ??
      // What an alias stands for is named by the configuration too, and may well be there.
      (model === id ? undefined : serving.find(({ listed }) => listed === undefined));
    if (owner === undefined) continue;
    const listed = having?.listed?.get(model);
    return { id, text: entryFor(api, { id, listed, owner: owner.provider }) };
  }
  return undefined;
}
