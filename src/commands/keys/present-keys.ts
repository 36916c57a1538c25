import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import { yamlOf } from "../../config/edit/key-list.ts";
import { keySpots } from "../../config/edit/key-spots.ts";
import { plainFile } from "../../config/edit/plain-file.ts";
import { interpolate, variablesIn, type Env } from "../../config/interpolate.ts";
import type { NewSecret } from "../../setup/new-key.ts";
import type { Store } from "../../setup/store.ts";
import type { EditableConfig } from "./editable-config.ts";

/** What a configuration has of keys, whatever else may be wrong with it. */
export interface PresentKeys {
  /** Where its keys are kept: in variables, as soon as one of them is. */
  readonly store: Store;
  /** Which key has the secret at the URL; undefined where none does. */
  nameOf(secret: NewSecret, url: string): string | undefined;
  /** What the last entry at a URL serves, as it is written; undefined where it does not say, or there is none. */
  modelsAt(url: string): string | readonly string[] | undefined;
}

const Entries = Type.Object({
  apiKeys: Type.Array(
    Type.Object({
      key: Type.Optional(Type.String()),
      keys: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
      url: Type.Optional(Type.String()),
      models: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
    }),
  ),
});

export function presentKeys({ text, shownPath, env, options }: EditableConfig): PresentKeys {
  const yaml = yamlOf(text, shownPath);
  const file = plainFile(yaml);
  const entries = Value.Check(Entries, file) ? file.apiKeys : [];
  const spots = keySpots(yaml, env, options.readKeysFile) ?? [];
  const written = entries.map(({ key, keys }) => [
    ...(key === undefined ? [] : [key]),
    ...[keys ?? []].flat(),
  ]);
  const usesVariables = written.flat().some((secret) => variablesIn(secret).size > 0);
  return {
    store: usesVariables ? "env" : "file",
    nameOf(secret, url) {
      for (const [at, entry] of entries.entries()) {
        if (entry.url !== url) continue;
        const index = (written[at] ?? [])
          .flatMap((one) => partsOf(one, env))
          .findIndex((part) => isSame(part, secret));
        if (index !== -1) return spots.filter((spot) => spot.entry === at)[index]?.name;
      }
      return undefined;
    },
    modelsAt(url) {
      const models = entries.findLast((entry) => entry.url === url)?.models;
      // A block of lines ends with a break.
      return typeof models === "string" ? models.trim() : models;
    },
  };
}

/** The single keys that a text of the file comes to; a variable that is not set stays as it is written. */
function partsOf(text: string, env: Env): string[] {
  const filled = interpolate(text, env);
  return (filled.ok ? filled.text : text).split(/[\s,]+/).filter((part) => part !== "");
}

function isSame(part: string, secret: NewSecret): boolean {
  return part === (secret.value ?? (secret.kind === "variable" ? `\${${secret.name}}` : undefined));
}
