import { dirname } from "node:path";

import type { ProviderName } from "../../config/config.ts";
import { fitsDotEnv } from "../../config/dot-env.ts";
import { addKey } from "../../config/edit/add-key.ts";
import { yamlOf } from "../../config/edit/key-list.ts";
import { keySpots } from "../../config/edit/key-spots.ts";
import type { Fields } from "../../config/edit/write-value.ts";
import { variablesIn, withoutVariables } from "../../config/interpolate.ts";
import { KeyCycleError } from "../../error.ts";
import {
  destinationOf,
  maskedSecret,
  type Destination,
  type NewSecret,
  type Told,
} from "../../setup/new-key.ts";
import { type DotEnvPlan, planDotEnv } from "../../setup/dot-env-file.ts";
import type { Store } from "../../setup/store.ts";
import { keepOutOfGit } from "../../setup/git-ignore.ts";
import { whoseIsUnknown } from "../../setup/whose-key.ts";
import { VariableNames } from "../../setup/variable-names.ts";
import type { Edit } from "./apply-edit.ts";
import type { EditableConfig } from "./editable-config.ts";
import { presentKeys, type PresentKeys } from "./present-keys.ts";

/** What to add, as the flags have it. */
export interface Wanted {
  readonly told: Told;
  /** What somebody answered where nothing else tells whose a key is. */
  readonly placed: ReadonlyMap<NewSecret, Destination>;
  readonly name: string | undefined;
  readonly models: readonly string[] | undefined;
  readonly store: Store | undefined;
}

/** @throws KeyCycleError `usage/*`, `config/*` where it cannot be done */
export function planAddition(config: EditableConfig, secrets: readonly NewSecret[], wanted: Wanted): Edit {
  const present = presentKeys(config);
  const groups = grouped(secrets, wanted);
  for (const group of groups) refuseRepeats(group, present);
  if (wanted.name !== undefined && groups.length > 1)
    throw new KeyCycleError("usage/name", "These keys are of several providers: --name fits one entry only.");
  const names = new VariableNames([...Object.keys(config.env), ...variablesIn(config.text)]);
  const variables = new Map<string, string>();
  const store = wanted.store ?? present.store;
  let holdsNewKeys = false;
  const written = (secret: NewSecret, provider: ProviderName): string => {
    if (secret.kind === "variable") return `\${${secret.name}}`;
    if (store === "file" || !fitsDotEnv(secret.value)) {
      holdsNewKeys = true;
      return withoutVariables(secret.value);
    }
    const name = names.forKey(provider);
    variables.set(name, secret.value);
    return `\${${name}}`;
  };
  let { text } = config;
  for (const { destination, secrets: together } of groups) {
    const texts = together.map((secret) => written(secret, destination.provider));
    text = withEntry(text, config, entryOf(destination, texts, wanted, present));
  }
  const used = secrets.flatMap((secret) => (secret.kind === "variable" ? [secret.name] : []));
  const dotEnv = planDotEnv(config.path, variables, used);
  const ignored = dotEnv.holdsSecrets ? keepOutOfGit(dirname(config.path), [".env"]) : [];
  const files = [
    ...dotEnv.files,
    ...ignored,
    { path: config.path, text: config.mark + text, mode: "kept" } as const,
  ];
  const options = { ...config.options, env: { ...config.env, ...Object.fromEntries(variables) } };
  return { files, text, options, holdsNewKeys, summary: summaryOf(config, text, groups, dotEnv).join("\n") };
}

interface Group {
  readonly destination: Destination;
  readonly secrets: readonly NewSecret[];
}

/** Keys that are good for the same place share an entry. */
function grouped(secrets: readonly NewSecret[], { told, placed }: Wanted): Group[] {
  const groups = new Map<string, Group>();
  const unknown: NewSecret[] = [];
  for (const secret of secrets) {
    const destination = destinationOf(secret, told) ?? placed.get(secret);
    if (destination === undefined) {
      unknown.push(secret);
      continue;
    }
    const id = `${destination.provider} ${destination.url}`;
    groups.set(id, { destination, secrets: [...(groups.get(id)?.secrets ?? []), secret] });
  }
  if (unknown.length > 0) throw new KeyCycleError("usage/provider", whoseIsUnknown(unknown, told));
  return [...groups.values()];
}

function refuseRepeats({ destination, secrets }: Group, present: PresentKeys): void {
  for (const secret of secrets) {
    const name = present.nameOf(secret, destination.url);
    if (name !== undefined)
      throw new KeyCycleError(
        "usage/keys",
        `${maskedSecret(secret)} is in the configuration already, as ${name}.`,
      );
  }
}

function entryOf(
  { provider, url }: Destination,
  secrets: readonly string[],
  { name, models, told }: Wanted,
  present: PresentKeys,
): Fields {
  const [first = ""] = secrets;
  const served = models ?? present.modelsAt(url);
  return {
    ...(name === undefined ? {} : { name }),
    ...(secrets.length === 1 ? { key: first } : { keys: secrets }),
    url,
    ...(told.provider === undefined || told.url === undefined ? {} : { provider }),
    ...(served === undefined ? {} : { models: served }),
  };
}

function withEntry(text: string, { shownPath }: EditableConfig, fields: Fields): string {
  const edited = addKey(text, shownPath, fields);
  if (edited !== undefined) return edited;
  throw new KeyCycleError(
    "config/edit",
    `${shownPath} cannot be edited as it is: keycycle check says what is wrong with it. If nothing is, add the entry by hand.`,
  );
}

function summaryOf(
  { shownPath, options }: EditableConfig,
  text: string,
  groups: readonly Group[],
  { files }: DotEnvPlan,
): string[] {
  const spots = keySpots(yamlOf(text, shownPath), options.env, options.readKeysFile) ?? [];
  const added = spots.slice(-groups.reduce((sum, { secrets }) => sum + secrets.length, 0));
  const lines = groups.map(({ destination, secrets }) => {
    const names = added.splice(0, secrets.length).map(({ name }) => name);
    return `Put ${names.join(", ")} into ${shownPath}, for ${destination.url}.`;
  });
  return [
    ...lines,
    ...files.flatMap(({ note }) => (note === undefined ? [] : [`.env, beside it: ${note}.`])),
  ];
}
