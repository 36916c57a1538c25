import type { ProviderName } from "../config/config.ts";
import { fitsDotEnv } from "../config/dot-env.ts";
import { writeValue } from "../config/edit/write-value.ts";
import { withoutVariables } from "../config/interpolate.ts";
import { recogniseProvider } from "../config/recognise.ts";
import type { Draft, DraftEntry } from "./draft.ts";
import { knownProvider, titleOf, type NewSecret } from "./new-key.ts";
import type { Store } from "./store.ts";
import { VariableNames } from "./variable-names.ts";

/** A configuration's text, and the variables that are to be in `.env` for it. */
export interface Composed {
  readonly text: string;
  readonly variables: ReadonlyMap<string, string>;
  /** Whether a secret stands in the text itself. */
  readonly literalSecrets: boolean;
}

const HEAD = `# KeyCycle's configuration. A running proxy takes changes over when this file is saved.
# keycycle check shows how it is understood, keycycle check --live also asks the providers.
# All settings with their defaults: keycycle init --example --output all-settings.yaml
#
# \${NAME} comes from the environment, or from .env beside this file.
`;

const TAIL = `
# rotation:
#   strategy: headroom   # each key in proportion to what it has left
#   maxWait: 15s         # how long a request may wait when every key is limited
`;

const NO_ALIASES = `
# Names that clients may ask for, each standing for models.
# aliases:
#   fast: gpt-4o-mini
#   best: [claude-opus-4-5, gpt-5]   # the next where no key can serve the one before it in time
`;

/**
 * Writes a configuration with comments that teach.
 *
 * @param taken  names of variables that mean something already
 */
export function compose(draft: Draft, store: Store, taken: Iterable<string>): Composed {
  const names = new VariableNames(taken);
  const variables = new Map<string, string>();
  let literalSecrets = false;
  const written = (secret: NewSecret, nameFor: () => string): string => {
    if (secret.kind === "variable") return `\${${secret.name}}`;
    if (store === "file" || !fitsDotEnv(secret.value)) {
      literalSecrets = true;
      return withoutVariables(secret.value);
    }
    const name = nameFor();
    variables.set(name, secret.value);
    return `\${${name}}`;
  };
  const entries = draft.entries.map((entry, at) => {
    const secrets = entry.secrets.map((secret) =>
      written(secret, () => names.forKey(entry.destination.provider)),
    );
    const several = secrets.length > 1 || entry.secrets.some(holdsSeveral);
    return entryLines(entry, { secrets, several }, draft, at === 0).join("\n");
  });
  const clients = draft.clients.flatMap(({ name, token }) => [
    `  - name: ${writeValue(name, "block")}`,
    `    token: ${writeValue(
      written(token, () => names.forClient(name)),
      "block",
    )}   # what it gives as its API key`,
  ]);
  const text = [
    HEAD,
    "\napiKeys:\n",
    entries.join("\n\n"),
    "\n",
    clientsText(clients),
    aliasesText(draft),
    serverText(draft),
    TAIL,
  ];
  return { text: text.join(""), variables, literalSecrets };
}

/** A variable may hold more than one key, with commas or white space between them. */
function holdsSeveral({ kind, value }: NewSecret): boolean {
  return kind === "variable" && /[\s,]/.test(value?.trim() ?? "");
}

interface WrittenSecrets {
  readonly secrets: readonly string[];
  readonly several: boolean;
}

function entryLines(
  entry: DraftEntry,
  { secrets, several }: WrittenSecrets,
  draft: Draft,
  first: boolean,
): string[] {
  const { destination, name, priority, weight, limits, headers } = entry;
  const [only = ""] = secrets;
  const models = entry.models ?? usualModels(destination.provider, draft);
  const fields: [name: string, value: string][] = [
    ...(name === undefined ? [] : [["name", writeValue(name, "block")] satisfies [string, string]]),
    several ? ["keys", writeValue(secrets, "block")] : ["key", writeValue(only, "block")],
    ["url", writeValue(destination.url, "block")],
    ...(destination.provider === recogniseProvider(destination.url)
      ? []
      : [["provider", destination.provider] satisfies [string, string]]),
    ["models", listLines(models)],
    ...optional("priority", priority),
    ...optional("weight", weight),
    ...(limits === undefined ? [] : [["limits", flowMap(limits)] satisfies [string, string]]),
    ...(headers === undefined ? [] : [["headers", flowMap(headers)] satisfies [string, string]]),
  ];
  const lines = fields.map(([field, value], at) => `${at === 0 ? "  - " : "    "}${field}: ${value}`);
  return [
    `  # ${titleOf(destination)}${first ? `. ${FIRST_HINT}` : ""}`,
    ...lines,
    ...(first ? MORE_HINTS : []),
  ];
}

const FIRST_HINT = "models: names, globs such as gpt-*, and others for all that no key names";

const MORE_HINTS = [
  "    # priority: 1                      # used only when no key of a lower number can serve",
  "    # limits: { rpm: 500, tpm: 200k }  # what the provider does not tell by itself",
];

function optional(name: string, value: number | undefined): [string, string][] {
  return value === undefined ? [] : [[name, String(value)]];
}

/** What a provider's keys serve where nobody says: with others beside them its own models, and what is left over. */
export function usualModels(provider: ProviderName, { entries }: Draft): readonly string[] {
  const providers = new Set(entries.map(({ destination }) => destination.provider));
  const own = providers.size > 1 ? (knownProvider(provider)?.models ?? []) : [];
  return [...own, "others"];
}

/** In brackets, on several lines where they are many. */
function listLines(models: readonly string[]): string {
  const line = writeValue(models, "block");
  if (line.length <= 90) return line;
  return `[\n${wrapped(models.map((model) => writeValue([model], "block").slice(1, -1)))}\n    ]`;
}

function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  let line = "     ";
  for (const word of words) {
    if (line.length + word.length > 100) {
      lines.push(line);
      line = "     ";
    }
    line += ` ${word},`;
  }
  return [...lines, line].join("\n");
}

function flowMap(map: object): string {
  const pairs = Object.entries(map).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value !== "string" && typeof value !== "number") return [];
    return [`${writeValue(name, "flow")}: ${writeValue(value, "flow")}`];
  });
  return `{ ${pairs.join(", ")} }`;
}

function clientsText(lines: readonly string[]): string {
  if (lines.length === 0) {
    return `
# Who may use the proxy. Without clients it serves this machine only.
# clients:
#   - name: laptop
#     token: \${KEYCYCLE_TOKEN}   # what it gives as its API key
`;
  }
  return `\n# Who may use the proxy.\nclients:\n${lines.join("\n")}\n`;
}

function aliasesText({ aliases }: Draft): string {
  if (aliases.size === 0) return NO_ALIASES;
  const lines = Array.from(aliases, ([name, models]) => {
    const [only = ""] = models;
    const value = models.length === 1 ? writeValue(only, "block") : writeValue(models, "block");
    return `  ${writeValue(name, "block")}: ${value}`;
  });
  return `\n# Names that clients may ask for, each standing for models: the first that can be served in time.\naliases:\n${lines.join("\n")}\n`;
}

function serverText({ host, port }: Draft): string {
  if (host === undefined && port === undefined)
    return "\n# server:\n#   host: 127.0.0.1   # any other address needs clients\n#   port: 3456\n";
  const lines = [
    ...(host === undefined
      ? []
      : [
          `  host: ${writeValue(host, "block")}   # other machines can reach it; who may use it is in clients`,
        ]),
    ...(port === undefined ? [] : [`  port: ${port}`]),
  ];
  return `\nserver:\n${lines.join("\n")}\n`;
}
