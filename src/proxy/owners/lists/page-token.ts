import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import type { Position } from "./source.ts";

/** The name of a key of the account, the cursor of its page, and how many things of that were taken. */
const Part = Type.Tuple([
  Type.String(),
  Type.Union([Type.Null(), Type.Tuple([Type.String(), Type.String()])]),
  Type.Integer({ minimum: 0 }),
]);
const Parts = Type.Array(Part);

/** Begins each token of ours, so that one of a provider's own is told from it. */
const PREFIX = "kc_";

/** A token for the next page of merged lists: the position in each that has not ended. */
export function writeToken(positions: ReadonlyMap<string, Position>): string {
  const parts: Static<typeof Parts> = [...positions].map(([name, { cursor, taken }]) => [
    name,
    cursor === undefined ? null : [cursor[0], cursor[1]],
    taken,
  ]);
  return PREFIX + Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** @returns undefined for a token that is not ours */
export function readToken(token: string): Map<string, Position> | undefined {
  if (!token.startsWith(PREFIX)) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token.slice(PREFIX.length), "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
  if (!Value.Check(Parts, parts)) return undefined;
  return new Map(parts.map(([name, cursor, taken]) => [name, { cursor: cursor ?? undefined, taken }]));
}
