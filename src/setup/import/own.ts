import { Type, type Static } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import { PROVIDER_NAMES } from "../../config/config.ts";
import { recogniseProvider } from "../../config/recognise.ts";
import { parseCount } from "../../config/units.ts";
import { EMPTY_DRAFT, type DraftEntry } from "../draft.ts";
import { partsOf } from "../found-keys.ts";
import { secretOf } from "../new-key.ts";
import type { Imported } from "./imported.ts";

const Texts = Type.Union([Type.String(), Type.Array(Type.String())]);
const Counts = Type.Partial(
  Type.Record(
    Type.Union([Type.Literal("rpm"), Type.Literal("tpm"), Type.Literal("rpd"), Type.Literal("concurrency")]),
    Type.Union([Type.String(), Type.Number()]),
  ),
);

const Entry = Type.Object({
  key: Type.Optional(Type.String()),
  keys: Type.Optional(Texts),
  url: Type.String(),
  models: Type.Optional(Texts),
  name: Type.Optional(Type.String()),
  provider: Type.Optional(Type.Union(PROVIDER_NAMES.map((name) => Type.Literal(name)))),
  priority: Type.Optional(Type.Number()),
  weight: Type.Optional(Type.Number()),
  limits: Type.Optional(Counts),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
});

const File = Type.Object({
  apiKeys: Type.Array(Type.Unknown()),
  aliases: Type.Optional(Type.Record(Type.String(), Texts)),
  clients: Type.Optional(
    Type.Array(Type.Object({ name: Type.Optional(Type.String()), token: Type.String() })),
  ),
});

/** What is taken over; the rest is told. */
const TAKEN = new Set(["apiKeys", "aliases", "clients"]);

/** The first version's `config.json`, and any KeyCycle configuration. */
export function importOwn(document: object): Imported {
  const kind = "KeyCycle configuration";
  if (!Value.Check(File, document)) {
    const notes = ["It is not as KeyCycle has it: keycycle check --config FILE says where."];
    return { kind, draft: EMPTY_DRAFT, unrecognised: [], notes };
  }
  const notes = Object.keys(document).flatMap((name) =>
    TAKEN.has(name) ? [] : [`${/^\w{1,30}$/.test(name) ? name : "A section"} is left out: add it by hand.`],
  );
  const entries = document.apiKeys.flatMap((entry, at): DraftEntry[] => {
    const own = Value.Check(Entry, entry) ? entryOf(entry) : undefined;
    if (own === undefined)
      notes.push(`apiKeys[${at}] is left out: it has no key or no url, or one that is no text.`);
    return own === undefined ? [] : [own];
  });
  const aliases = new Map(
    Object.entries(document.aliases ?? {}).map(([name, models]) => [name, listOf(models)]),
  );
  const clients = (document.clients ?? []).map(({ name, token }, at) => ({
    name: name ?? `client-${at + 1}`,
    token: secretOf(token),
  }));
  return { kind, draft: { ...EMPTY_DRAFT, entries, aliases, clients }, unrecognised: [], notes };
}

function entryOf(entry: Static<typeof Entry>): DraftEntry | undefined {
  const { key, keys = [], url, models, provider, limits, ...rest } = entry;
  const written = [...(key === undefined ? [] : [key]), ...[keys].flat().flatMap(partsOf)];
  if (written.length === 0) return undefined;
  const counts = Object.entries(limits ?? {}).flatMap(([name, count]) => {
    const parsed = parseCount(count);
    return parsed.ok ? [[name, parsed.value] satisfies [string, number]] : [];
  });
  const { name, priority, weight, headers } = rest;
  return {
    destination: { provider: provider ?? recogniseProvider(url), url: url.replace(/\/+$/, "") },
    secrets: written.map(secretOf),
    models: models === undefined ? undefined : listOf(models),
    ...(name === undefined ? {} : { name }),
    ...(priority === undefined ? {} : { priority }),
    ...(weight === undefined ? {} : { weight }),
    ...(counts.length === 0 ? {} : { limits: Object.fromEntries(counts) }),
    ...(headers === undefined ? {} : { headers }),
  };
}

function listOf(texts: string | readonly string[]): string[] {
  return [texts]
    .flat()
    .flatMap((text) => text.split(","))
    .map((text) => text.trim())
    .filter((text) => text !== "");
}
