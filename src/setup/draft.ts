import type { LimitsConfig } from "../config/config.ts";
import { idOf, type Destination, type NewSecret } from "./new-key.ts";

/** Keys that are good for the same place and share all the rest: an entry of `apiKeys` to be. */
export interface DraftEntry {
  readonly destination: Destination;
  readonly secrets: readonly NewSecret[];
  /** Undefined where nobody said: then what is usual for the provider. */
  readonly models: readonly string[] | undefined;
  readonly name?: string;
  readonly priority?: number;
  readonly weight?: number;
  readonly limits?: Partial<LimitsConfig>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody who is to use the proxy. */
export interface DraftClient {
  readonly name: string;
  readonly token: NewSecret;
}

/** A configuration that is being put together. */
export interface Draft {
  readonly entries: readonly DraftEntry[];
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  readonly clients: readonly DraftClient[];
  /** Undefined: the default, this machine only. */
  readonly host: string | undefined;
  readonly port: number | undefined;
}

export const EMPTY_DRAFT: Draft = {
  entries: [],
  aliases: new Map(),
  clients: [],
  host: undefined,
  port: undefined,
};

/** Both, one behind the other; keys that are in both count once. */
export function joinDrafts(a: Draft, b: Draft): Draft {
  const known = new Set(
    a.entries.flatMap((entry) => entry.secrets.map((secret) => identityOf(entry, secret))),
  );
  const entries = b.entries.flatMap((entry) => {
    const secrets = entry.secrets.filter((secret) => !known.has(identityOf(entry, secret)));
    return secrets.length === 0 ? [] : [{ ...entry, secrets }];
  });
  return {
    entries: [...a.entries, ...entries],
    aliases: new Map([...a.aliases, ...b.aliases]),
    clients: [...a.clients, ...b.clients],
    host: b.host ?? a.host,
    port: b.port ?? a.port,
  };
}

function identityOf({ destination }: DraftEntry, secret: NewSecret): string {
  return `${destination.url} ${secret.value ?? (secret.kind === "variable" ? secret.name : "")}`;
}

/** Keys without any more to say of them, those for the same place together. */
export function entriesOf(
  keys: readonly { readonly destination: Destination; readonly secret: NewSecret }[],
  models: readonly string[] | undefined,
): DraftEntry[] {
  const groups = Map.groupBy(keys, ({ destination }) => idOf(destination));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ destination: first.destination, secrets: group.map(({ secret }) => secret), models }];
  });
}
