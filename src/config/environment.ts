import { KeyCycleError } from "../error.ts";
import { NO_LIMITS, type Config, type KeyConfig } from "./config.ts";
import type { Env } from "./interpolate.ts";
import { DefaultNames } from "./key-names.ts";
import { KNOWN_PROVIDERS } from "./known-providers.ts";
import { defaultSections } from "./parse.ts";
import { parseSecret } from "./scalars.ts";

/** Keys of these serve without a file. */
const READ_FROM_ENVIRONMENT = KNOWN_PROVIDERS.filter(({ withoutFile }) => withoutFile);

/** The variables that are looked at, for messages. */
export const KEY_VARIABLES: readonly string[] = READ_FROM_ENVIRONMENT.flatMap(({ prefix }) => [
  `${prefix}_API_KEYS`,
  `${prefix}_API_KEY`,
]);

/**
 * The config that the keys in the environment make by themselves; undefined where there are none.
 * A key in both variables of a provider counts once.
 */
export function configFromEnvironment(env: Env): Config | undefined {
  const names = new DefaultNames(new Set());
  const keys: KeyConfig[] = [];
  const variables: string[] = [];
  const problems: string[] = [];
  for (const { provider, prefix, url, models } of READ_FROM_ENVIRONMENT) {
    const secrets = new Set<string>();
    for (const variable of [`${prefix}_API_KEYS`, `${prefix}_API_KEY`]) {
      const written = (env[variable] ?? "").split(/[\s,]+/).filter((part) => part !== "");
      if (written.length > 0) variables.push(variable);
      for (const [index, part] of written.entries()) {
        const parsed = parseSecret(part);
        if (parsed.ok) secrets.add(parsed.value);
        else problems.push(`${variable}: key ${index + 1} ${parsed.problem}`);
      }
    }
    for (const secret of secrets) {
      const served = [...models, "others"];
      const rest = { account: undefined, priority: 0, weight: 1, limits: NO_LIMITS, headers: {} };
      const name = names.next(provider);
      keys.push({ name, secret, url, models: served, provider, ...rest, proxy: undefined });
    }
  }
  if (problems.length > 0) throw new KeyCycleError("config/invalid", problems.join("\n"));
  if (keys.length === 0) return undefined;
  return { source: { kind: "environment", variables }, clients: [], keys, aliases: [], ...defaultSections() };
}
