import { FormScan } from "../form-scan.ts";
import { addId } from "./body-ids.ts";
import { OBJECTS_ONLY } from "./id-names.ts";

/**
 * The ids that the text fields of a form name, as OpenAI's SDKs write what would be deeper in JSON:
 * `video[id]`, `file_ids[]`, `tools[0][file_id]`.
 *
 * @param body  all of the form, or its beginning
 */
export function idsInForm(body: Buffer, boundary: string, names: ReadonlySet<string>): string[] {
  const scan = new FormScan(boundary, (field) => namesId(field, names));
  scan.feed(body);
  const ids = new Set<string>();
  for (const { value } of scan.fields) addId(value, ids);
  return [...ids];
}

/** Whether a field's value is an id by one of these names. */
function namesId(field: string, names: ReadonlySet<string>): boolean {
  const path = field
    .replaceAll("]", "")
    .split("[")
    .filter((part) => !/^\d*$/.test(part));
  const last = path.at(-1) ?? "";
  if (last === "id") return names.has(path.at(-2) ?? "");
  return names.has(last) && !OBJECTS_ONLY.has(last);
}
