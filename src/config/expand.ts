import { recogniseProvider } from "./recognise.ts";
import { NO_LIMITS, type ClientConfig, type KeyConfig } from "./config.ts";
import { DefaultNames, givenNames, nameKeys } from "./key-names.ts";
import { parseKeysFile } from "./keys-file.ts";
import type { FileText } from "./files.ts";
import type { Reader } from "./reader.ts";
import type { ApiKeyEntry, ClientEntry } from "./schema.ts";
import { warnOfBlanks } from "./model-blanks.ts";
import { isShowable } from "./secrecy.ts";
import type { Source } from "./source.ts";
import { TellingNames } from "./telling-names.ts";

/** Given the path as the config has it. */
export type ReadKeysFile = (path: string) => FileText;

/** Makes one key of each secret, and gives every key its name. What is wrong is reported. */
export function expandKeys(
  entries: readonly ApiKeyEntry[],
  reader: Reader,
  source: Source,
  readKeysFile: ReadKeysFile,
): { readonly keys: KeyConfig[]; readonly warnings: string[] } {
  const usable = entries.flatMap((entry) => {
    const secrets = secretsOf(entry, reader, readKeysFile);
    const { url } = entry;
    return url === undefined
      ? []
      : [{ entry, url, secrets, provider: entry.provider ?? recogniseProvider(url) }];
  });
  const named = new Map<string, ApiKeyEntry>();
  const telling = new TellingNames(usable.flatMap(({ secrets }) => secrets));
  for (const { entry, secrets } of usable) {
    if (entry.name !== undefined && telling.tells(entry.name, secrets)) {
      refuseTelling(entry, reader);
      continue;
    }
    for (const name of givenNames(entry.name, secrets.length))
      claim(named, name, "name", entry, reader, source);
  }
  const names = nameKeys(
    usable.map(({ entry, secrets, provider }) => ({ name: entry.name, provider, secrets: secrets.length })),
  );
  const known = new Map<string, CommonConfig>();
  const keys: KeyConfig[] = [];
  for (const [at, { entry, url, secrets, provider }] of usable.entries()) {
    const limits = { ...NO_LIMITS, ...entry.limits };
    const { models, account, priority, weight, headers, proxy } = entry;
    const common = shared(
      { url, models, provider, account, priority, weight, limits, headers, proxy },
      known,
    );
    for (const [index, secret] of secrets.entries()) {
      keys.push({ name: names[at]?.[index] ?? "", secret, ...common });
    }
  }
  const warnings = entries.flatMap(({ models }) => warnOfBlanks(models, reader, source));
  return { keys, warnings: [...warnings, ...warnOfRepeats(keys)] };
}

/** What a key has in common with others. */
type CommonConfig = Omit<KeyConfig, "name" | "secret">;

/** One for all that are equal: ten thousand entries have few different ones, and their keys keep them for good. */
function shared(common: CommonConfig, known: Map<string, CommonConfig>): CommonConfig {
  const id = JSON.stringify(common);
  const first = known.get(id) ?? common;
  known.set(id, first);
  return first;
}

function secretsOf(entry: ApiKeyEntry, reader: Reader, readKeysFile: ReadKeysFile): string[] {
  const secrets = [...(entry.key === undefined ? [] : [entry.key]), ...(entry.keys ?? [])];
  if (entry.keysFile === undefined) return secrets;
  const { path, span } = reader.place(entry, "keysFile");
  const file = readKeysFile(entry.keysFile);
  const shown = isShowable(entry.keysFile) ? entry.keysFile : "the file";
  if (!file.ok) {
    reader.report(
      span,
      `${path}: ${shown} ${file.reason}`,
      "a file with one key a line; its path counts from this file's folder",
    );
    return secrets;
  }
  const parsed = parseKeysFile(file.text);
  for (const { line, problem, instead } of parsed.problems)
    reader.report(span, `${path}: line ${line} of ${shown} ${problem}`, instead);
  if (parsed.secrets.length === 0 && parsed.problems.length === 0) {
    reader.report(span, `${path}: ${shown} holds no key`, "one key a line");
  }
  return [...secrets, ...parsed.secrets];
}

/** Names are printed and logged. */
function refuseTelling(entry: ApiKeyEntry | ClientEntry, reader: Reader): void {
  const { path, span } = reader.place(entry, "name");
  reader.hide(span);
  reader.report(
    span,
    `${path} is or holds a secret, or looks like a key, and names are shown in logs, tables and headers`,
    "a word for it, such as team-a, or leave name out",
  );
}

/** Checks that a name or token is used once, and says both places where it is not. */
function claim(
  firsts: Map<string, ApiKeyEntry | ClientEntry>,
  value: string,
  field: "name" | "token",
  entry: ApiKeyEntry | ClientEntry,
  reader: Reader,
  source: Source,
): void {
  const first = firsts.get(value);
  if (first === undefined) {
    firsts.set(value, entry);
    return;
  }
  const { path, span } = reader.place(entry, field);
  const other = reader.place(first, field);
  const { line, column } = source.position(other.span.start);
  const shown = field === "name" && isShowable(value) ? ` "${value}"` : "";
  const where = `${other.path} (line ${line}, column ${column})`;
  reader.report(
    span,
    `${path}${shown} is taken already by ${where}; each ${field} must be unique`,
    field === "name" ? "another name, or no such line" : "another token",
  );
}

function warnOfRepeats(keys: readonly KeyConfig[]): string[] {
  const alike = Map.groupBy(keys, ({ url, secret }) => `${url} ${secret}`);
  return [...alike.values()].flatMap((same) => {
    const [first, second, ...others] = same;
    if (first === undefined || second === undefined) return [];
    if (others.length === 0)
      return `${first.name} and ${second.name} are the same key for ${first.url}: one of them is of no use`;
    return `${first.name}, ${second.name} and ${others.length} more are the same key for ${first.url}: one of them is enough`;
  });
}

/** Clients with their names; names and tokens must be unique. */
export function expandClients(
  entries: readonly ClientEntry[],
  reader: Reader,
  source: Source,
): ClientConfig[] {
  const names = new Map<string, ClientEntry>();
  const tokens = new Map<string, ClientEntry>();
  const telling = new TellingNames(entries.flatMap(({ token }) => token ?? []));
  for (const entry of entries) {
    const own = entry.token === undefined ? [] : [entry.token];
    if (entry.name !== undefined && telling.tells(entry.name, own)) refuseTelling(entry, reader);
    else if (entry.name !== undefined) claim(names, entry.name, "name", entry, reader, source);
    if (entry.token !== undefined) claim(tokens, entry.token, "token", entry, reader, source);
  }
  const defaults = new DefaultNames(new Set(names.keys()));
  return entries.flatMap(({ name, token, models, limits }) => {
    if (token === undefined) return [];
    return [{ name: name ?? defaults.next("client"), token, models, limits: { ...NO_LIMITS, ...limits } }];
  });
}
