import type { Problem } from "./diagnostic.ts";

/** No setting nests a tenth as deep; the library takes seconds for thousands, and nothing is served meanwhile. */
const MAX_OPEN = 100;

/** What opens or closes, but for what stands in quotes on one line. */
const SIGNS = /"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[[\]{}]/g;

/** Where so many brackets are open as no configuration has; undefined where they nowhere are. */
export function nestsTooDeep(text: string): Problem | undefined {
  let open = 0;
  for (const { 0: sign, index } of text.matchAll(SIGNS)) {
    if (sign === "[" || sign === "{") open += 1;
    else if (sign === "]" || sign === "}") open = Math.max(0, open - 1);
    if (open > MAX_OPEN) {
      return {
        span: { start: index, end: index + 1 },
        message: `more than ${MAX_OPEN} brackets are open here`,
        instead: "lists and maps that nest no deeper than the settings do",
      };
    }
  }
  return undefined;
}
