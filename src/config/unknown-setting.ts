import { KindGuard, type TObject } from "@sinclair/typebox";
import { visit, type Node } from "yaml";
import { nearest } from "./nearest.ts";
import { join } from "./read-scalar.ts";
import type { Reader } from "./reader.ts";
import { showName } from "./secrecy.ts";

/**
 * Says of a name that is no setting here what may be meant.
 *
 * @returns the known name that was probably meant
 */
export function reportUnknown(
  reader: Reader,
  schema: TObject,
  entry: { readonly name: string; readonly nameNode: Node; readonly value: Node | undefined },
  path: string,
): string | undefined {
  const names = Object.keys(schema.properties);
  const meant = nearest(entry.name, names);
  const shown = showName(entry.name);
  if (shown === entry.name) reader.show(entry.nameNode);
  const span = reader.span(entry.nameNode);
  const slip = reader.slipIn(entry.nameNode);
  if (slip !== undefined) {
    reader.problems.push(slip);
    return meant;
  }
  const [, before = ""] = /^(\w+):\S/.exec(entry.name) ?? [];
  if (names.includes(before)) {
    reader.report(
      { start: span.start + before.length, end: span.start + before.length + 1 },
      `a space is missing after the colon of ${before}`,
      `${before}: and then its value`,
    );
    return before;
  }
  if (meant === undefined) {
    const known = `one of ${names.filter((name) => !name.startsWith("$")).join(", ")}`;
    reader.report(span, `${join(path, shown)} is not a setting`, known);
    return undefined;
  }
  reader.report(span, `${join(path, shown)} is not a setting; did you mean "${meant}"?`);
  const property = schema.properties[meant];
  if (property === undefined || property["secret"] === true || KindGuard.IsObject(property)) return meant;
  if (KindGuard.IsArray(property) || entry.value === undefined) return meant;
  visit(entry.value, { Scalar: (_key, scalar) => reader.mark(scalar, false) });
  return meant;
}
