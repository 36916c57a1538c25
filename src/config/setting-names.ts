import { KindGuard, type TSchema } from "@sinclair/typebox";

import { ConfigFile } from "./schema.ts";

/** The names of all settings, of whatever section. */
export const SETTING_NAMES: ReadonlySet<string> = new Set(namesIn(ConfigFile));

function namesIn(schema: TSchema): string[] {
  if (KindGuard.IsArray(schema)) return namesIn(schema.items);
  if (!KindGuard.IsObject(schema)) return [];
  return Object.keys(schema.properties).concat(Object.values(schema.properties).flatMap(namesIn));
}
