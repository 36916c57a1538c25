import { KindGuard, type TObject, type TSchema } from "@sinclair/typebox";

import { decodeScalar } from "./scalars.ts";

/** What an absent setting amounts to. */
export interface StandIn {
  readonly name: string;
  /** Of a setting that holds others, each of which has its own. */
  readonly holder: TObject | undefined;
  /** Undefined where it may be absent. */
  readonly standIn: unknown;
}

const STAND_INS = new WeakMap<TObject, readonly StandIn[]>();

/** For all settings of a map: thousands of entries have the same. */
export function standInsOf(schema: TObject): readonly StandIn[] {
  const known = STAND_INS.get(schema);
  if (known !== undefined) return known;
  const standIns = Object.entries(schema.properties).map(([name, property]): StandIn => {
    return KindGuard.IsObject(property)
      ? { name, holder: property, standIn: undefined }
      : { name, holder: undefined, standIn: standInFor(property, name) };
  });
  STAND_INS.set(schema, standIns);
  return standIns;
}

function standInFor(schema: TSchema, name: string): unknown {
  const standIn: unknown = schema.default;
  if (typeof standIn !== "string" && typeof standIn !== "number" && typeof standIn !== "boolean")
    return standIn;
  const parsed = decodeScalar({ value: standIn, filledIn: false }, schema);
  if (!parsed.ok) throw new Error(`the default of ${name} ${parsed.problem}`);
  return parsed.value;
}
