import type { Env } from "../config/interpolate.ts";
import { KNOWN_PROVIDERS } from "../config/known-providers.ts";
import { parseSecret } from "../config/scalars.ts";
import { destinationOf, type Destination, type NewSecret } from "./new-key.ts";

/** A variable that holds a key, or several, of a provider that its name or their shape tells. */
export interface FoundKey {
  readonly secret: NewSecret & { readonly kind: "variable" };
  readonly destination: Destination;
}

/** `OPENAI_API_KEY`, `OPENAI_API_KEYS`, `OPENAI_KEY_B`, `OPENAI_API_KEY_2`; not `OPENAI_API_KEY_FILE`. */
const NAME = new RegExp(
  `^(?:${[...KNOWN_PROVIDERS.map(({ prefix }) => prefix), "GOOGLE"].join("|")})_(?:API_)?KEYS?(?:_?[A-Z0-9]{1,3})?$`,
);

/** The keys that the environment holds already; one that is in two variables counts once. */
export function findKeys(env: Env): FoundKey[] {
  const known = new Set<string>();
  const found: FoundKey[] = [];
  // Those with several come first: their keys may be in others one by one too.
  for (const name of Object.keys(env).toSorted((a, b) => Number(isPlural(b)) - Number(isPlural(a)))) {
    const value = env[name];
    if (!NAME.test(name) || value === undefined) continue;
    const parts = partsOf(value);
    if (parts.length === 0 || !parts.every((part) => parseSecret(part).ok)) continue;
    if (parts.every((part) => known.has(part))) continue;
    const secret = { kind: "variable", name, value } as const;
    const destination = destinationOf(secret, { provider: undefined, url: undefined });
    if (destination === undefined) continue;
    for (const part of parts) known.add(part);
    found.push({ secret, destination });
  }
  return found.toSorted((a, b) => a.secret.name.localeCompare(b.secret.name));
}

/** The single keys of a variable's value. */
export function partsOf(value: string): string[] {
  return value.split(/[\s,]+/).filter((part) => part !== "");
}

function isPlural(name: string): boolean {
  return /KEYS/.test(name);
}
