import { isMap, isScalar, isSeq, type Node } from "yaml";

import type { ReadKeysFile } from "../expand.ts";
import { variablesIn, type Env } from "../interpolate.ts";
import { nearest } from "../nearest.ts";
import { keepsTheRest, type Intent } from "./keeps-the-rest.ts";
import { findKeyList, listPlace, yamlOf } from "./key-list.ts";
import { keySpots, type KeySpot } from "./key-spots.ts";
import { lineStart, nextLine } from "./lines.ts";
import { removeItem } from "./remove-item.ts";
import { splice, type Splice } from "./splice.ts";

/** What taking a key out of a configuration comes to. */
export type Removal =
  /** `text` is the configuration's new text. */
  | { readonly kind: "config"; readonly text: string; readonly names: readonly string[] }
  /** The key stands in a file of keys; `text` is that file's new text, `path` as the configuration has it. */
  | {
      readonly kind: "keys-file";
      readonly path: string;
      readonly text: string;
      /** The byte order mark that stands before it, or "". */
      readonly mark: string;
      readonly names: readonly string[];
    }
  /** `problem` is a sentence to follow the key's name. */
  | { readonly kind: "refused"; readonly problem: string };

export interface EditOptions {
  /** Of the configuration, as messages name it; tells JSON from YAML. */
  readonly path: string;
  readonly env: Env;
  readonly readKeysFile: ReadKeysFile;
}

/**
 * Takes a key out of a configuration by its name, or all the keys of an entry by the entry's, and leaves
 * every other byte as it was.
 *
 * @param text  of the configuration, without a byte order mark
 */
export function removeKey(text: string, name: string, options: EditOptions): Removal {
  const yaml = yamlOf(text, options.path);
  const spots = keySpots(yaml, options.env, options.readKeysFile);
  const place = findKeyList(yaml);
  if (spots === undefined || place.kind !== "list")
    return refused(`${options.path} cannot be edited as it is: "keycycle check" says what is wrong with it.`);
  const wanted = spots.filter((spot) => spot.name === name);
  const found = wanted.length > 0 ? wanted : spots.filter((spot) => spot.entryName === name);
  const [first] = found;
  if (first === undefined) return refused(notFound(spots, name));
  if (found.length === spots.length)
    return refused("a configuration needs a key, and this is all that there is: add another before.");
  const names = found.map((spot) => spot.name);
  if (found.length === first.siblings) {
    const intent: Intent = { kind: "remove", at: first.entry };
    return edited(text, removeItem(yaml, place.list, first.entry), names, intent, options.path);
  }
  return removeOne(text, yaml, first, place.nodes[first.entry], options);
}

/** One key of an entry that holds others. */
function removeOne(
  text: string,
  yaml: string,
  { name, field, entry: entryAt }: KeySpot,
  entry: Node | undefined,
  { path, readKeysFile }: EditOptions,
): Removal {
  switch (field.kind) {
    case "key":
      return refused(
        `${name} shares its entry with keys and keysFile: take its line out of ${path} by hand.`,
      );
    case "keysFile": {
      const file = readKeysFile(field.path);
      if (!file.ok) return refused(`${field.path} ${file.reason}.`);
      const rest = withoutLine(file.text, field.line);
      return { kind: "keys-file", path: field.path, text: rest, mark: file.mark, names: [name] };
    }
    case "keys": {
      const intent: Intent = { kind: "change", at: entryAt };
      const keys = isMap(entry) ? entry.get("keys", true) : undefined;
      const list = isSeq(keys) ? listPlace(yaml, keys) : undefined;
      if (list !== undefined && field.parts === 1)
        return edited(text, removeItem(yaml, list, field.item), [name], intent, path);
      const scalar = isSeq(keys) ? keys.items[field.item] : keys;
      const range = isScalar(scalar) ? scalar.range : undefined;
      if (range === undefined || range === null)
        return refused(
          `${name} stands elsewhere in ${path}, behind an alias (*): take it out there by hand.`,
        );
      const [start, end] = range;
      const [variable] = variablesIn(yaml.slice(start, end));
      const part = withoutPart(yaml, start, end, field);
      if (part !== undefined) return edited(text, [part], [name], intent, path);
      return refused(
        variable === undefined
          ? `${name} is one of several in a text that cannot be edited: take it out of ${path} by hand.`
          : `${name} comes from the variable ${variable}, which holds several keys: take it out of that.`,
      );
    }
  }
}

/** Takes one of several words out of a text, with what parts it from the next, or from the one before. */
function withoutPart(
  yaml: string,
  start: number,
  end: number,
  { part, parts }: { readonly part: number; readonly parts: number },
): Splice | undefined {
  // What announces a text on lines of its own is none of its words.
  const head = /^[|>][-+\d]*[^\n]*\n/.exec(yaml.slice(start, end))?.[0] ?? "";
  const words = [...yaml.slice(start, end).matchAll(/[^\s,"']+/g)].filter(
    ({ index }) => index >= head.length,
  );
  const word = words[part];
  if (words.length !== parts || word === undefined) return undefined;
  const next = words[part + 1]?.index;
  const before = words[part - 1];
  const from = next === undefined && before !== undefined ? before.index + before[0].length : word.index;
  return { start: start + from, end: start + (next ?? word.index + word[0].length), text: "" };
}

function withoutLine(text: string, line: number): string {
  let start = 0;
  for (let at = 1; at < line; at++) start = nextLine(text, start);
  return splice(text, [{ start: lineStart(text, start), end: nextLine(text, start), text: "" }]);
}

function notFound(spots: readonly KeySpot[], name: string): string {
  const names = [...new Set(spots.flatMap((spot) => [spot.name, spot.entryName ?? spot.name]))];
  const near = nearest(name, names);
  if (near !== undefined) return `no key is called that; did you mean "${near}"?`;
  const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
  return `no key is called that; there are ${names.slice(0, 10).join(", ")}${more}.`;
}

function edited(
  text: string,
  splices: readonly Splice[],
  names: readonly string[],
  intent: Intent,
  path: string,
): Removal {
  const without = splice(text, splices);
  return keepsTheRest(yamlOf(text, path), yamlOf(without, path), intent)
    ? { kind: "config", text: without, names }
    : refused(`other parts of ${path} depend on what stands there (as an anchor does): take it out by hand.`);
}

function refused(problem: string): Removal {
  return { kind: "refused", problem };
}
