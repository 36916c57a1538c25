import type { ProviderName } from "../../config/config.ts";
import type { Api } from "../../providers/api.ts";
import type { UpstreamKey } from "../runtime.ts";

/** Whose API it is: with them its clients expect their files to be. */
const AT_HOME: Readonly<Record<Api, ProviderName>> = {
  openai: "openai",
  anthropic: "anthropic",
  gemini: "gemini",
  "gemini-openai": "gemini",
  azure: "azure",
};

/** Providers that generate in an API beside their own, and keep nothing in it. */
const GENERATES_ONLY: Readonly<Partial<Record<ProviderName, Api>>> = {
  anthropic: "openai",
  deepseek: "anthropic",
  xai: "anthropic",
  openrouter: "anthropic",
};

/** Whether a key can do nothing in an API but generate: it may take all else for a word about itself. */
export function generatesOnly({ provider }: UpstreamKey, api: Api): boolean {
  return GENERATES_ONLY[provider.name] === api;
}

/** The keys whose accounts can hold things for clients of an API. */
export function keysThatKeep(keys: readonly UpstreamKey[], api: Api): UpstreamKey[] {
  return keys.filter((key) => key.provider.serves(api, key.config) && !generatesOnly(key, api));
}

/**
 * Of these, the keys of the API's own provider; where there are none, all. Requests that name no model go
 * to them, since others have hardly more of the API than what generates, and may take a refusal there for a
 * word about the key; new things do and lists are theirs, since what is made elsewhere would be of no use
 * to the models that clients of the API ask for.
 */
export function keysAtHome(keys: readonly UpstreamKey[], api: Api): UpstreamKey[] {
  const keeping = keysThatKeep(keys, api);
  const atHome = keeping.filter(({ provider }) => provider.name === AT_HOME[api]);
  return atHome.length > 0 ? atHome : keeping;
}
