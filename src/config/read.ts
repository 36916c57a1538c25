import { Kind, KindGuard, type TArray, type TObject, type TRecord, type TSchema } from "@sinclair/typebox";
import { isAlias, isMap, isNode, isScalar, isSeq, type Node } from "yaml";
import type { Span } from "./diagnostic.ts";
import type { Reader } from "./reader.ts";
import { parseRecordName, RECORD_FORMS, type RecordKind } from "./record-names.ts";
import { decode, INSTEAD_OF_NOTHING, INVALID, isNothing, join, mismatch, readScalar } from "./read-scalar.ts";
import type { Written } from "./scalars.ts";
import { showName } from "./secrecy.ts";
import { standInsOf } from "./stand-ins.ts";
import { reportUnknown } from "./unknown-setting.ts";

/**
 * Reads what the schema describes out of a YAML node: checks it, fills in variables and defaults,
 * resolves units. Everything wrong is reported to the reader and left out of the result; of a list, the
 * good entries remain.
 *
 * @param path  as messages name the place: `apiKeys[1].models`; empty for the whole file
 */
export function read(reader: Reader, schema: TSchema, node: Node | undefined, path: string): unknown {
  const target = reader.resolve(node);
  // An alias of nothing is told already.
  if (isAlias(node) && target === undefined) return INVALID;
  if (KindGuard.IsObject(schema)) return readObject(reader, schema, target, path);
  if (KindGuard.IsArray(schema)) return readArray(reader, schema, target, path);
  if (KindGuard.IsRecord(schema)) return readRecord(reader, schema, target, path);
  if (schema[Kind] === "List") return readList(reader, schema, target, path);
  return readScalar(reader, schema, target, path);
}

function readObject(reader: Reader, schema: TObject, node: Node | undefined, path: string): unknown {
  if (!isMap(node) && !isNothing(node))
    return mismatch(
      reader,
      node,
      path,
      "must be a map of settings (name: value)",
      path === "" ? INSTEAD_OF_NO_MAP : "name: value, each on its line",
    );
  const entries = isMap(node) ? reader.entries(node, path) : [];
  const values = new Map<string, unknown>();
  const fields = new Map<string, Span>();
  const present = new Set<string>();
  for (const { name, nameNode, value } of entries) {
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (property === undefined) {
      present.add(reportUnknown(reader, schema, { name, nameNode, value }, path) ?? name);
      continue;
    }
    reader.show(nameNode);
    present.add(name);
    fields.set(name, isNothing(value) ? reader.span(nameNode) : reader.span(value));
    const result = read(
      reader,
      property,
      isNothing(value) ? nothingAt(reader, property, nameNode, join(path, name)) : value,
      join(path, name),
    );
    if (result !== INVALID) values.set(name, result);
  }
  for (const { name, holder, standIn } of standInsOf(schema)) {
    if (values.has(name)) continue;
    const value = holder === undefined ? standIn : readObject(reader, holder, undefined, join(path, name));
    if (value !== undefined) values.set(name, value);
  }
  const first = isMap(node) ? node.items[0]?.key : undefined;
  const span = reader.usedAt(node) ?? reader.span(isNode(first) ? first : node);
  reportNeeds(reader, schema, present, span, path);
  const object = Object.fromEntries(values);
  reader.origins.set(object, { path, span, fields });
  return object;
}

/** A setting with nothing behind its colon: fine for what holds others, which may all be commented out. */
function nothingAt(reader: Reader, schema: TSchema, nameNode: Node, path: string): undefined {
  const holdsOthers = KindGuard.IsObject(schema) || KindGuard.IsArray(schema) || KindGuard.IsRecord(schema);
  if (!holdsOthers) reader.report(reader.span(nameNode), `${path} is empty`, INSTEAD_OF_NOTHING);
  return undefined;
}

/** For a file that is no map. */
const INSTEAD_OF_NO_MAP = "apiKeys: and below it an entry for each key, as keycycle init writes them";

function reportNeeds(
  reader: Reader,
  schema: TObject,
  present: ReadonlySet<string>,
  span: Span,
  path: string,
): void {
  const needs: readonly (readonly string[])[] = schema["needs"] ?? [];
  const advice: Readonly<Record<string, string>> = schema["advice"] ?? {};
  for (const names of needs) {
    if (names.some((name) => present.has(name))) continue;
    const last = names.at(-1);
    const wanted = names.length === 1 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
    reader.report(span, `${path === "" ? "the config" : path} needs ${wanted}`, advice[names[0] ?? ""]);
  }
}

function readArray(reader: Reader, schema: TArray, node: Node | undefined, path: string): unknown {
  if (isNothing(node)) return [];
  if (!isSeq(node))
    return mismatch(
      reader,
      node,
      path,
      'must be a list: entries that begin with "- "',
      '"- " before the first line of each entry, and blanks as wide before its others',
    );
  const items = node.items.map((item, index) => {
    return read(reader, schema.items, isNode(item) ? item : undefined, `${path}[${index}]`);
  });
  return items.filter((item) => item !== INVALID);
}

function readRecord(reader: Reader, schema: TRecord, node: Node | undefined, path: string): unknown {
  if (isNothing(node)) return {};
  const kind: RecordKind = schema["entries"];
  if (!isMap(node))
    return mismatch(
      reader,
      node,
      path,
      `must be a map of ${RECORD_FORMS[kind]}`,
      "name: value, each on its line",
    );
  const [itemSchema] = Object.values(schema.patternProperties);
  const values = new Map<string, unknown>();
  const fields = new Map<string, Span>();
  for (const { name: written, nameNode, value } of reader.entries(node, path)) {
    const place = join(path, showName(written));
    if (showName(written) === written) reader.show(nameNode);
    const parsed = parseRecordName(kind, written);
    const name = parsed.ok ? parsed.value : written;
    if (!parsed.ok) reader.report(reader.span(nameNode), `${place} ${parsed.problem}`, parsed.instead);
    else if (values.has(name))
      reader.report(reader.span(nameNode), `${place} stands here for the second time`, "one of the two");
    if (itemSchema === undefined) continue;
    fields.set(name, reader.span(isNothing(value) ? nameNode : value));
    const result = read(
      reader,
      itemSchema,
      isNothing(value) ? nothingAt(reader, itemSchema, nameNode, place) : value,
      place,
    );
    if (result !== INVALID) values.set(name, result);
  }
  const record = Object.fromEntries(values);
  reader.origins.set(record, { path, span: reader.span(node), fields });
  return record;
}

function readList(reader: Reader, schema: TSchema, node: Node | undefined, path: string): unknown {
  if (node === undefined) return INVALID;
  if (isMap(node))
    return mismatch(
      reader,
      node,
      path,
      "must be a list, or one text with commas",
      "[a, b], or each on a line of its own behind a dash",
    );
  const items = isSeq(node) ? node.items : [node];
  const values: unknown[] = [];
  const fields = new Map<string, Span>();
  for (const [index, item] of items.entries()) {
    const place = isSeq(node) ? `${path}[${index}]` : path;
    const target = reader.resolve(isNode(item) ? item : undefined);
    if (isAlias(item) && target === undefined) continue;
    if (!isScalar(target)) {
      mismatch(reader, target ?? node, place, "must be text", "one text");
      continue;
    }
    reader.mark(target, schema["secret"] === true);
    const written = target.value === null ? { value: "", filledIn: false } : reader.written(target, place);
    if (written === undefined) continue;
    for (const value of splitItems(reader, schema, target, written, place)) {
      if (value === INVALID) continue;
      fields.set(String(values.length), reader.span(target));
      values.push(value);
    }
  }
  const mayBeEmpty = Array.isArray(schema.default) && schema.default.length === 0;
  if (items.length === 0 && !mayBeEmpty)
    reader.report(reader.span(node), `${path} is an empty list`, "an entry in it, or no such line at all");
  if (values.length === 0 && !mayBeEmpty) return INVALID;
  reader.origins.set(values, { path, span: reader.span(node), fields });
  return values;
}

function splitItems(reader: Reader, schema: TSchema, node: Node, written: Written, path: string): unknown[] {
  const itemSchema: TSchema = schema["item"];
  if (typeof written.value !== "string") return [decode(reader, itemSchema, node, written, path)];
  const separator = schema["separator"] === "comma" ? "," : /[\s,]+/;
  const parts = written.value
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.some((part) => part.includes("\n"))) {
    reader.report(
      reader.span(node),
      `${path} is one text over several lines`,
      "a list: [a, b], or a dash and a blank before each",
    );
    return [];
  }
  if (parts.length === 0) return [decode(reader, itemSchema, node, { ...written, value: "" }, path)];
  return parts.map((value) => decode(reader, itemSchema, node, { ...written, value }, path));
}
