import { parseDocument } from "yaml";

/**
 * What a configuration holds, as plain values: aliases followed, variables as they are written.
 *
 * @returns undefined where it is not a text that can be read
 */
export function plainFile(yaml: string): unknown {
  const document = parseDocument(yaml, { merge: true, logLevel: "error" });
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS() ?? {};
  } catch {
    // An alias of nothing, or one that stands in for what it cannot.
    return undefined;
  }
}
