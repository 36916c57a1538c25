import { addItem } from "./add-item.ts";
import { keepsTheRest } from "./keeps-the-rest.ts";
import { findKeyList, yamlOf } from "./key-list.ts";
import { splice } from "./splice.ts";
import type { Fields } from "./write-value.ts";

/**
 * Puts an entry behind the last of `apiKeys` and leaves every other byte as it was.
 *
 * @param text  of the configuration, without a byte order mark
 * @param path  tells JSON from YAML
 * @returns undefined where the file is not one that can be edited
 */
export function addKey(text: string, path: string, fields: Fields): string | undefined {
  const yaml = yamlOf(text, path);
  const splices = addItem(yaml, findKeyList(yaml), fields, /\.jsonc?$/i.test(path));
  if (splices === undefined) return undefined;
  const edited = splice(text, splices);
  const isSound = keepsTheRest(yaml, yamlOf(edited, path), { kind: "add", entry: fields });
  return isSound ? edited : undefined;
}
