import { readMember, scanItems, scanTopLevel } from "./json-scan.ts";
import type { Place } from "./model-places.ts";

/**
 * The model that stands deeper in a JSON body, at the first of these places that is there.
 *
 * @returns undefined where there is none; `"duplicate"` where a name on the way stands twice, as parsers
 * differ on which one counts
 */
export function findNested(
  body: Buffer,
  places: readonly Place[],
): { readonly model: string } | "duplicate" | undefined {
  for (const place of places) {
    const found = findAt(body, place);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findAt(body: Buffer, place: Place): ReturnType<typeof findNested> {
  let bytes = body;
  for (const step of place) {
    const scan = step === "each" ? undefined : scanTopLevel(bytes, step);
    if (scan?.kind === "duplicate") return "duplicate";
    // The first of a list stands for all of it.
    const [span] = step === "each" ? scanItems(bytes) : scan?.kind === "found" ? scan.members.values() : [];
    if (span === undefined) return undefined;
    const model = readMember(bytes, span);
    if (model !== undefined) return step === place.at(-1) ? { model } : undefined;
    bytes = bytes.subarray(span.start, span.end);
  }
  return undefined;
}
