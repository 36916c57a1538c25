import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import { plainFile } from "./plain-file.ts";

/** What an edit was to do to the entries of `apiKeys`; positions are those before it. */
export type Intent =
  | { readonly kind: "add"; readonly entry: unknown }
  | { readonly kind: "remove"; readonly at: number }
  | { readonly kind: "change"; readonly at: number };

const Loose = Type.Object({ apiKeys: Type.Optional(Type.Union([Type.Null(), Type.Array(Type.Unknown())])) });

/**
 * Whether a file still means what it meant but for the one entry. The last word before an edited file is
 * written: what holds keys must not be spoiled by a form that nobody thought of.
 */
export function keepsTheRest(before: string, after: string, intent: Intent): boolean {
  const old = meaningOf(before);
  const now = meaningOf(after);
  if (old === undefined || now === undefined || !Bun.deepEquals(old.rest, now.rest)) return false;
  switch (intent.kind) {
    case "add":
      return Bun.deepEquals(now.entries, [...old.entries, intent.entry]);
    case "remove":
      return Bun.deepEquals(now.entries, old.entries.toSpliced(intent.at, 1));
    case "change":
      return Bun.deepEquals(now.entries.toSpliced(intent.at, 1), old.entries.toSpliced(intent.at, 1));
  }
}

function meaningOf(yaml: string): { readonly entries: unknown[]; readonly rest: object } | undefined {
  const file = plainFile(yaml);
  if (!Value.Check(Loose, file)) return undefined;
  const { apiKeys, ...rest } = file;
  return { entries: apiKeys ?? [], rest };
}
