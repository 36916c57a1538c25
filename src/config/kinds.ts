import { Kind, Type, TypeRegistry, type SchemaOptions, type TUnsafe } from "@sinclair/typebox";

/*
 * The kinds of setting beyond TypeBox's own. As JSON Schema each describes what a person writes; its
 * static type is what reading that yields, and the registered check holds for the latter.
 */
const NUMERIC_KINDS = ["Duration", "Size", "Count"];
const TEXT_KINDS = [
  "Name",
  "Secret",
  "HeaderValue",
  "BaseUrl",
  "ProxyUrl",
  "Origin",
  "HostName",
  "State",
] as const;

export type TextKind = (typeof TEXT_KINDS)[number];

for (const kind of NUMERIC_KINDS) {
  TypeRegistry.Set(kind, (_schema, value) => typeof value === "number" && value >= 0);
}
for (const kind of ["Choice", ...TEXT_KINDS]) {
  TypeRegistry.Set(kind, (_schema, value) => typeof value === "string");
}
TypeRegistry.Set(
  "List",
  (_schema, value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
);

/** A setting whose value must never be shown. */
export interface Options extends SchemaOptions {
  readonly secret?: boolean;
}

/** A time such as `15s`, or 0; read as milliseconds. `least`: the smallest that is accepted. */
export function duration(options: Options & { readonly least?: number }): TUnsafe<number> {
  const form = (options.least ?? 0) > 0 ? { type: "string" } : { anyOf: [{ type: "string" }, { const: 0 }] };
  return Type.Unsafe<number>({ ...options, [Kind]: "Duration", ...form });
}

/** Bytes, as a number or such as `64MB`. */
export function size(options: Options & { readonly least?: number }): TUnsafe<number> {
  return Type.Unsafe<number>({ ...options, [Kind]: "Size", anyOf: NUMBER_OR_TEXT });
}

/** A whole number, plain or such as `200k`. */
export function count(options: Options & { readonly least?: number }): TUnsafe<number> {
  return Type.Unsafe<number>({ ...options, [Kind]: "Count", anyOf: NUMBER_OR_TEXT });
}

const NUMBER_OR_TEXT = [{ type: "integer", minimum: 0 }, { type: "string" }];

/** One of a few words. */
export function choice<T extends string>(names: readonly T[], options: Options): TUnsafe<T> {
  return Type.Unsafe<T>({ ...options, [Kind]: "Choice", type: "string", enum: [...names] });
}

/** A text with rules of its own: see `scalars.ts`. */
export function text(kind: TextKind, options: Options): TUnsafe<string> {
  return Type.Unsafe<string>({ ...options, [Kind]: kind, type: "string" });
}

/** Several texts: a list, or one text that is split at `separator`. */
export function list(
  item: TextKind,
  separator: "comma" | "comma or space",
  options: Options,
): TUnsafe<string[]> {
  const items = text(item, options.secret === true ? { secret: true } : {});
  return Type.Unsafe<string[]>({
    ...options,
    [Kind]: "List",
    anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
    item: items,
    separator,
  });
}
