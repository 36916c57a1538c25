/** A stretch of a text, in offsets, and what stands there instead. Where both offsets are one, it is put in. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all of the splices made; their offsets are those of the text as it was, and none overlap. */
export function splice(text: string, splices: readonly Splice[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, text: instead } of splices.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + instead;
    at = end;
  }
  return result + text.slice(at);
}
