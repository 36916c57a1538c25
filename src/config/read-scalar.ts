import { Kind, type TSchema } from "@sinclair/typebox";
import { isMap, isScalar, isSeq, type Node } from "yaml";
import type { Reader } from "./reader.ts";
import { decodeScalar, type Written } from "./scalars.ts";
import { isShowable } from "./secrecy.ts";

/** Read, but wrong; the reader knows why. */
export const INVALID = Symbol("invalid");

export const INSTEAD_OF_NOTHING = "a value, or no such line at all";

/** Reads a single value; `INVALID` where it is none, or not what the schema wants. */
export function readScalar(reader: Reader, schema: TSchema, node: Node | undefined, path: string): unknown {
  if (node === undefined) return INVALID;
  const secret = schema["secret"] === true;
  if (!isScalar(node)) return mismatch(reader, node, path, "must be a single value", "name: value");
  reader.mark(node, secret);
  if (node.value === null) {
    reader.report(reader.span(node), `${path} is empty`, INSTEAD_OF_NOTHING);
    return INVALID;
  }
  const written = reader.written(node, path);
  return written === undefined ? INVALID : decode(reader, schema, node, written, path);
}

/** Checks what stands in one place against its schema, and gives it its type and unit. */
export function decode(reader: Reader, schema: TSchema, node: Node, written: Written, path: string): unknown {
  const parsed = decodeScalar(written, schema);
  if (schema[Kind] === "Secret" && !written.filledIn) reader.literalSecrets = true;
  if (parsed.ok) return parsed.value;
  const text = String(written.value);
  const mayShow = reader.mayShow(node) && !written.filledIn && isShowable(text) && text.length <= 60;
  const says = [`${path} ${parsed.problem}`];
  if (parsed.problem.startsWith("must be") && !parsed.problem.includes(": ")) {
    if (mayShow) says.push(`, not ${describe(written.value)}`);
    else if (written.filledIn) says.push(", not what the environment gives");
  }
  if (parsed.meant !== undefined) says.push(`; did you mean "${parsed.meant}"?`);
  const shown = mayShow || parsed.instead?.includes(text) === false ? parsed.instead : undefined;
  const whenEmpty = written.filledIn ? "a variable with a value" : INSTEAD_OF_NOTHING;
  reader.report(reader.span(node), says.join(""), text.trim() === "" ? whenEmpty : shown);
  return INVALID;
}

function describe(value: string | number | boolean): string {
  if (typeof value === "string") return `the text ${JSON.stringify(value)}`;
  return typeof value === "number" ? `the number ${value}` : String(value);
}

/** A list where a map belongs, and so on. What stands there is named by its kind only: it may be a secret. */
export function mismatch(
  reader: Reader,
  node: Node | undefined,
  path: string,
  problem: string,
  instead: string,
): typeof INVALID {
  const found = isMap(node)
    ? "a map"
    : isSeq(node)
      ? "a list"
      : isNothing(node)
        ? "nothing"
        : "a single value";
  const slip = isNothing(node) ? undefined : reader.slipIn(node);
  if (slip === undefined)
    reader.report(
      reader.span(node),
      `${path === "" ? "the config" : path} ${problem}, not ${found}`,
      instead,
    );
  else reader.problems.push(slip);
  return INVALID;
}

/** Nothing written, or YAML's null. */
export function isNothing(node: Node | undefined): boolean {
  return node === undefined || (isScalar(node) && node.value === null);
}

/** The path of a setting within that of what holds it. */
export function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
