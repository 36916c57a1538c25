import { Type, type Static } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import type { ProviderName } from "../../config/config.ts";
import { recogniseProvider } from "../../config/recognise.ts";
import { parseName } from "../../config/scalars.ts";
import { EMPTY_DRAFT, type DraftEntry } from "../draft.ts";
import { knownProvider, type Destination, type NewSecret } from "../new-key.ts";
import type { Imported } from "./imported.ts";

const Item = Type.Object({
  model_name: Type.String(),
  litellm_params: Type.Object({
    model: Type.String(),
    api_key: Type.Optional(Type.String()),
    api_base: Type.Optional(Type.String()),
    rpm: Type.Optional(Type.Integer({ minimum: 1 })),
    tpm: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
});

const File = Type.Object({ model_list: Type.Array(Type.Unknown()) });

/** What LiteLLM writes before the slash (https://docs.litellm.ai/docs/providers), and who that is. */
const PREFIXES = new Map<string, ProviderName>([
  ["openai", "openai"],
  ["anthropic", "anthropic"],
  ["gemini", "gemini"],
  ["azure", "azure"],
  ["openrouter", "openrouter"],
  ["groq", "groq"],
  ["mistral", "mistral"],
  ["codestral", "mistral"],
  ["deepseek", "deepseek"],
  ["xai", "xai"],
  ["together_ai", "together"],
  ["fireworks_ai", "fireworks"],
  ["hosted_vllm", "compatible"],
  ["openai_like", "compatible"],
  ["ollama", "compatible"],
  ["ollama_chat", "compatible"],
]);

/** Where servers are that need no address, as they run on the same machine. */
const LOCAL_URLS = new Map([
  ["ollama", "http://localhost:11434"],
  ["ollama_chat", "http://localhost:11434"],
]);

/** What stands for a key at servers that ask for none; they take any. */
const NO_KEY: NewSecret = { kind: "typed", value: "none" };

/** One model at one key. */
interface Deployment {
  readonly alias: string;
  readonly model: string;
  readonly destination: Destination;
  readonly secret: NewSecret;
  readonly rpm: number | undefined;
  readonly tpm: number | undefined;
}

/** LiteLLM's `model_list`: its deployments by key, and its names for models as aliases. */
export function importLiteLlm(document: object): Imported {
  const notes: string[] = [];
  const items = Value.Check(File, document) ? document.model_list : [];
  const deployments = items.flatMap((item, at): Deployment[] => {
    const found = Value.Check(Item, item)
      ? deploymentOf(item)
      : "has no model_name or no litellm_params.model";
    if (typeof found !== "string") return [found];
    notes.push(`model_list[${at}] is left out: it ${found}.`);
    return [];
  });
  if (Object.keys(document).length > 1)
    notes.push("Only model_list is taken over; router and general settings are not.");
  const groups = Map.groupBy(
    deployments,
    ({ destination, secret }) => `${destination.url} ${identityOf(secret)}`,
  );
  const entries = [...groups.values()].flatMap((group): DraftEntry[] => {
    const [first] = group;
    if (first === undefined) return [];
    const models = [...new Set(group.map(({ model }) => (model === "*" ? "others" : model)))];
    return [{ destination: first.destination, secrets: [first.secret], models, ...limitsOf(group) }];
  });
  return {
    kind: "LiteLLM configuration",
    draft: { ...EMPTY_DRAFT, entries, aliases: aliasesOf(deployments) },
    unrecognised: [],
    notes,
  };
}

/** @returns why it cannot be taken over, in words that follow "it" */
function deploymentOf({
  model_name: alias,
  litellm_params: params,
}: Static<typeof Item>): Deployment | string {
  const { model: written, api_key: key, api_base: base } = params;
  const [, prefix, rest] = /^([a-z_]+)\/(.+)$/.exec(written) ?? [];
  const named = prefix === undefined ? undefined : PREFIXES.get(prefix);
  if (prefix !== undefined && named === undefined && base === undefined)
    return "is of a provider that KeyCycle does not speak to";
  const guessed = base === undefined ? guess(written) : recogniseProvider(base);
  // LiteLLM says openai/ also for servers that copy its API.
  const provider = base !== undefined && named === "openai" ? recogniseProvider(base) : (named ?? guessed);
  const url = base ?? LOCAL_URLS.get(prefix ?? "") ?? knownProvider(provider)?.url;
  if (url === undefined) return "has no api_base";
  if (url.startsWith("os.environ/")) return "has its api_base in a variable: write the URL itself";
  const secret = secretOf(key, provider);
  const model = (named === undefined ? written : (rest ?? written)).trim();
  if (!parseName(model).ok || model === "" || model.includes(","))
    return "has a model that a configuration cannot name";
  if (!parseName(alias).ok) return "has a model_name that a configuration cannot have";
  const destination = { provider, url: url.replace(/\/+$/, "") };
  return { alias, model, destination, secret, rpm: params.rpm, tpm: params.tpm };
}

/** LiteLLM knows models of OpenAI and Anthropic without a prefix. */
function guess(model: string): ProviderName {
  return model.startsWith("claude-") ? "anthropic" : "openai";
}

function secretOf(written: string | undefined, provider: ProviderName): NewSecret {
  if (written !== undefined) {
    const name = /^os\.environ\/([A-Za-z_]\w*)$/.exec(written)?.[1];
    return name === undefined ? { kind: "typed", value: written } : variable(name);
  }
  if (provider === "azure") return variable("AZURE_API_KEY");
  const known = knownProvider(provider);
  // Where none is written, LiteLLM takes the provider's usual variable too.
  return known === undefined ? NO_KEY : variable(`${known.prefix}_API_KEY`);
}

/** LiteLLM bounds each model at a key, KeyCycle the key: by all of its models together, where each is bounded. */
function limitsOf(group: readonly Deployment[]): Pick<DraftEntry, "limits"> {
  const rpm = group.reduce((sum, deployment) => sum + (deployment.rpm ?? Infinity), 0);
  const tpm = group.reduce((sum, deployment) => sum + (deployment.tpm ?? Infinity), 0);
  const limits = { ...(Number.isFinite(rpm) ? { rpm } : {}), ...(Number.isFinite(tpm) ? { tpm } : {}) };
  return Object.keys(limits).length === 0 ? {} : { limits };
}

function variable(name: string): NewSecret {
  return { kind: "variable", name, value: undefined };
}

function identityOf(secret: NewSecret): string {
  return secret.kind === "variable" ? `\${${secret.name}}` : secret.value;
}

/** Its names for models, where the models are called otherwise; those with a star are no names. */
function aliasesOf(deployments: readonly Deployment[]): Map<string, readonly string[]> {
  const groups = Map.groupBy(
    deployments.filter(({ alias, model }) => !/[*?]/.test(alias + model)),
    ({ alias }) => alias,
  );
  return new Map(
    Array.from(
      groups,
      ([alias, group]) => [alias, [...new Set(group.map(({ model }) => model))]] as const,
    ).filter(([alias, models]) => models.some((model) => model !== alias)),
  );
}
