import type { Config } from "../config/config.ts";
import { type Env, variablesIn } from "../config/interpolate.ts";
import { InvalidConfigError } from "../config/invalid-config.ts";
import { parseConfig } from "../config/parse.ts";
import { compose } from "./compose.ts";
import type { Draft, DraftEntry } from "./draft.ts";
import { partsOf } from "./found-keys.ts";
import { secretValue, type NewSecret } from "./new-key.ts";

/** A draft as the proxy would understand it, as far as its keys are known here. */
export interface DraftConfig {
  readonly config: Config;
  /** Behind each key of `config`, in its order: where it stands in the draft. */
  readonly places: readonly { readonly entry: DraftEntry; readonly secret: NewSecret }[];
}

/** What is wrong with a draft as a configuration, without a place, since it is no file yet; nothing where it will do. */
export function problemsOf(draft: Draft, env: Env): string[] {
  if (draft.entries.length === 0) return [];
  const { text, variables } = compose(draft, "env", Object.keys(env));
  // What is not set here may be where it serves.
  const unset = [...variablesIn(text)].filter((name) => (env[name] ?? "").trim() === "");
  const result = parseDraft(text, {
    ...env,
    ...Object.fromEntries(unset.map((name) => [name, `value-of-${name}`])),
    ...Object.fromEntries(variables),
  });
  return result.ok ? [] : result.diagnostics.map(({ message }) => message);
}

/**
 * @param env  where the values of variables are; keys whose variable is not set are left out
 * @throws InvalidConfigError where the draft is no good configuration, as when what was imported has a slip
 */
export function draftConfig(draft: Draft, env: Env): DraftConfig | undefined {
  const entries = draft.entries.flatMap((entry) => {
    const secrets = entry.secrets.filter((secret) => (secretValue(secret, env) ?? "").trim() !== "");
    return secrets.length === 0 ? [] : [{ ...entry, secrets }];
  });
  if (entries.length === 0) return undefined;
  const known = { ...draft, entries, clients: [] };
  const { text, variables } = compose(known, "env", Object.keys(env));
  const result = parseDraft(text, { ...env, ...Object.fromEntries(variables) });
  if (!result.ok) throw new InvalidConfigError(result.diagnostics);
  const places = entries.flatMap((entry) =>
    entry.secrets.flatMap((secret) =>
      Array.from(partsOf(secretValue(secret, env) ?? ""), () => ({ entry, secret })),
    ),
  );
  return { config: result.config, places };
}

function parseDraft(text: string, env: Env): ReturnType<typeof parseConfig> {
  return parseConfig(text, {
    path: "keycycle.yaml",
    env,
    readKeysFile: () => ({ ok: false, reason: "is not asked for" }),
  });
}
