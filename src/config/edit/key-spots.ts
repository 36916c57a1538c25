import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import { PROVIDER_NAMES, type ProviderName } from "../config.ts";
import type { ReadKeysFile } from "../expand.ts";
import { interpolate, type Env } from "../interpolate.ts";
import { nameKeys } from "../key-names.ts";
import { parseKeysFile } from "../keys-file.ts";
import { recogniseProvider } from "../recognise.ts";
import { plainFile } from "./plain-file.ts";

/** Where one key stands in a configuration. */
export interface KeySpot {
  /** What it is called, by its entry or by position. */
  readonly name: string;
  /** Which entry of `apiKeys`, from 0. */
  readonly entry: number;
  /** What the entry itself is called, where it is. */
  readonly entryName: string | undefined;
  /** How many keys the entry holds. */
  readonly siblings: number;
  readonly field: KeyField;
}

export type KeyField =
  | { readonly kind: "key" }
  /** `item` of a list, or the `part` of a text that holds several. */
  | { readonly kind: "keys"; readonly item: number; readonly part: number; readonly parts: number }
  /** `line` from 1. */
  | { readonly kind: "keysFile"; readonly path: string; readonly line: number };

const LooseEntry = Type.Object({
  name: Type.Optional(Type.String()),
  key: Type.Optional(Type.Unknown()),
  keys: Type.Optional(Type.Unknown()),
  keysFile: Type.Optional(Type.String()),
  url: Type.Optional(Type.String()),
  provider: Type.Optional(Type.String()),
});
const LooseFile = Type.Object({ apiKeys: Type.Array(Type.Unknown()) });

/**
 * What the keys of a configuration are called and where each stands. A variable that is not set here may be
 * set for the proxy: it counts as one key.
 *
 * @param yaml  as `findKeyList` was given it
 * @returns undefined where the file is not one that can be read
 */
export function keySpots(yaml: string, env: Env, readKeysFile: ReadKeysFile): KeySpot[] | undefined {
  const file = plainFile(yaml);
  if (!Value.Check(LooseFile, file)) return undefined;
  const entries = file.apiKeys.map((entry) => {
    if (!Value.Check(LooseEntry, entry))
      return { name: undefined, provider: "compatible" as const, fields: [] };
    const name = entry.name === undefined ? undefined : filled(entry.name, env).trim();
    return {
      name,
      provider: providerOf(entry.provider, entry.url, env),
      fields: fieldsOf(entry, env, readKeysFile),
    };
  });
  const names = nameKeys(
    entries.map(({ name, provider, fields }) => ({ name, provider, secrets: fields.length })),
  );
  return entries.flatMap(({ name: entryName, fields }, entry) =>
    fields.map((field, index) => {
      return { name: names[entry]?.[index] ?? "", entry, entryName, siblings: fields.length, field };
    }),
  );
}

function fieldsOf(
  entry: { key?: unknown; keys?: unknown; keysFile?: string },
  env: Env,
  readKeysFile: ReadKeysFile,
): KeyField[] {
  const fields: KeyField[] = entry.key === undefined ? [] : [{ kind: "key" }];
  const items = Array.isArray(entry.keys) ? entry.keys : entry.keys === undefined ? [] : [entry.keys];
  for (const [item, text] of items.entries()) {
    const parts = filled(String(text), env)
      .split(/[\s,]+/)
      .filter((part) => part !== "").length;
    for (let part = 0; part < parts; part++) fields.push({ kind: "keys", item, part, parts });
  }
  if (entry.keysFile === undefined) return fields;
  const path = filled(entry.keysFile, env);
  const file = readKeysFile(path);
  const lines = file.ok ? parseKeysFile(file.text).lines : [];
  return [...fields, ...lines.map((line) => ({ kind: "keysFile" as const, path, line }))];
}

function providerOf(written: string | undefined, url: string | undefined, env: Env): ProviderName {
  const named = PROVIDER_NAMES.find((name) => name === filled(written ?? "", env));
  return named ?? recogniseProvider(filled(url ?? "", env));
}

function filled(text: string, env: Env): string {
  const result = interpolate(text, env);
  return result.ok ? result.text : text;
}
