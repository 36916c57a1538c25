import type { ProviderName } from "../config/config.ts";
import { interpolate, type Env } from "../config/interpolate.ts";
import { KNOWN_PROVIDERS, type KnownProvider } from "../config/known-providers.ts";
import { maskOf } from "../config/secrecy.ts";
import { recogniseKey, recogniseProvider } from "../config/recognise.ts";
import type { NamedWord } from "./key-texts.ts";

/** The secret of a key that is about to be put into a configuration. */
export type NewSecret =
  /** `name`: what it was called where it was written, if anything. */
  | {
      readonly kind: "typed";
      readonly value: string;
      readonly name?: string | undefined;
      /** Which of several it was, as in "the 2nd of 3". */
      readonly which?: string;
    }
  /** In the environment or `.env` already; `value` is undefined where it is not set here. */
  | { readonly kind: "variable"; readonly name: string; readonly value: string | undefined };

/** Where a key is good for. */
export interface Destination {
  readonly provider: ProviderName;
  readonly url: string;
}

/** What a person said of where keys are good for; undefined where nothing. */
export interface Told {
  readonly provider: ProviderName | undefined;
  readonly url: string | undefined;
}

/**
 * Where a key is good for: as told, else by its shape, else by its name.
 *
 * @returns undefined where nothing tells
 */
export function destinationOf(secret: NewSecret, { provider, url }: Told): Destination | undefined {
  if (url !== undefined) return { provider: provider ?? recogniseProvider(url), url };
  const named = provider ?? shapeOf(secret) ?? providerOfName(secret);
  const known = knownProvider(named);
  return known === undefined ? undefined : { provider: known.provider, url: known.url };
}

export function knownProvider(provider: ProviderName | undefined): KnownProvider | undefined {
  return KNOWN_PROVIDERS.find((known) => known.provider === provider);
}

function shapeOf({ value }: NewSecret): ProviderName | undefined {
  return value === undefined ? undefined : recogniseKey(value);
}

/** `OPENAI_API_KEY` and `OPENAI_KEY_B` are OpenAI's; Google's own name for Gemini's is another. */
function providerOfName({ name = "" }: NewSecret): ProviderName | undefined {
  if (name.startsWith("GOOGLE_API_KEY")) return "gemini";
  return KNOWN_PROVIDERS.find(({ prefix }) => name.startsWith(`${prefix}_`))?.provider;
}

/** Keys that were typed or read together, in their order. */
export function typedSecrets(words: readonly NamedWord[]): NewSecret[] {
  const [only] = words;
  if (words.length === 1 && only !== undefined) return [{ kind: "typed", ...only }];
  return words.map((word, at) => ({
    kind: "typed",
    ...word,
    which: `the ${ordinal(at + 1)} of ${words.length}`,
  }));
}

function ordinal(position: number): string {
  const suffix = ORDINALS.get(new Intl.PluralRules("en", { type: "ordinal" }).select(position)) ?? "th";
  return `${position}${suffix}`;
}

const ORDINALS: ReadonlyMap<string, string> = new Map([
  ["one", "st"],
  ["two", "nd"],
  ["few", "rd"],
]);

/** What tells a secret from others in messages: at most its last four characters, where those are too many its position. */
export function maskedSecret(secret: NewSecret): string {
  if (secret.kind === "variable") return `\${${secret.name}}`;
  const shown = maskOf(secret.value);
  return shown === "…" ? (secret.which ?? shown) : shown;
}

/** A secret as a configuration has it: a variable that stands alone stays one. */
export function secretOf(written: string): NewSecret {
  const name = /^\$\{([A-Za-z_]\w*)\}$/.exec(written.trim())?.[1];
  if (name !== undefined) return { kind: "variable", name, value: undefined };
  const plain = interpolate(written, {});
  return { kind: "typed", value: plain.ok ? plain.text : written };
}

/** The secret itself; undefined where its variable is not set here. */
export function secretValue(secret: NewSecret, env: Env): string | undefined {
  return secret.value ?? (secret.kind === "variable" ? env[secret.name] : undefined);
}

/** Tells destinations apart. */
export function idOf({ provider, url }: Destination): string {
  return `${provider} ${url}`;
}

/** A destination as a person calls it: the provider at its own address, else the host. */
export function titleOf({ provider, url }: Destination): string {
  const known = knownProvider(provider);
  return known?.url === url ? known.title : url.replace(/^https?:\/\//, "");
}
