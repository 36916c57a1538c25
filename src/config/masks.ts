import { visit, type Node } from "yaml";
import type { Span } from "./diagnostic.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import type { Source } from "./source.ts";

/** What must not be shown of a file that was read: every value and name not marked, comments, anchors. */
export function masksOf(
  source: Source,
  contents: Node | undefined,
  mayShow: (node: Node) => boolean,
): Span[] {
  const scalars: Span[] = [];
  const masks: Span[] = [];
  visit(contents ?? null, {
    Scalar(_key, scalar) {
      const [start = 0, end = start] = scalar.range ?? [];
      scalars.push({ start, end });
      if (!mayShow(scalar)) masks.push({ start, end });
    },
    Alias(_key, alias) {
      const [start = 0, end = start] = alias.range ?? [];
      if (mayShow(alias)) scalars.push({ start, end });
    },
  });
  let gapStart = 0;
  for (const scalar of [
    ...scalars.toSorted((a, b) => a.start - b.start),
    { start: source.text.length, end: 0 },
  ]) {
    const gap = source.text.slice(gapStart, scalar.start);
    // A key without quotes may begin with a sign that makes an anchor, alias, tag or comment of it.
    for (const match of gap.matchAll(/#[^\n]*|[&*!%]\S+/g)) {
      const start = gapStart + match.index;
      masks.push({ start, end: start + match[0].trimEnd().length });
    }
    gapStart = scalar.end;
  }
  return masks;
}

/** Masks for a file whose structure is unknown: all words but the names of settings in front of a colon. */
export function masksOfUnparsed(source: Source): Span[] {
  const masks: Span[] = [];
  for (const match of source.text.matchAll(/[^\s[\]{},:"']+/g)) {
    const [word] = match;
    const end = match.index + word.length;
    const isName =
      SETTING_NAMES.has(word) &&
      /^["']?\s*:(?:\s|$|["'[{])/.test(source.text.slice(end, end + 8)) &&
      /(?:^|\n|[{,])[ \t\r\n-]*["']?$/.test(source.text.slice(Math.max(0, match.index - 40), match.index));
    if (!isName && word !== "-") masks.push({ start: match.index, end });
  }
  return masks;
}
