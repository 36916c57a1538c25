import { isUtf8 } from "node:buffer";

import { Source, type Position } from "./source.ts";

/** What a byte that is not UTF-8 is decoded as; it may also stand in a text itself. */
const REPLACEMENT = "\uFFFD";

/** What keeps a file from being text in UTF-8. */
export interface NoText {
  /** In words that follow what the file is called. */
  readonly problem: string;
  readonly position: Position;
  readonly instead: string;
}

/** Why bytes are no text in UTF-8, and where; undefined where they are. */
export function whyNoText(bytes: Buffer): NoText | undefined {
  const [first, second] = bytes;
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  // A configuration begins with a character of ASCII, half of which is nothing in UTF-16.
  const isHalfNothing = second !== undefined && (first === 0) !== (second === 0);
  if (hasMark || isHalfNothing)
    return { problem: "is text in UTF-16", position: { line: 1, column: 1 }, instead: MEND };
  if (isUtf8(bytes)) return undefined;
  const text = bytes.toString("utf8");
  const position = new Source("", text).position(firstWrong(bytes, text));
  return { problem: "is not UTF-8 text", position, instead: MEND };
}

const MEND = "save it in the encoding UTF-8";

/** In the decoded text. */
function firstWrong(bytes: Buffer, text: string): number {
  let at = text.indexOf(REPLACEMENT);
  for (let offset = 0, from = 0; at !== -1; at = text.indexOf(REPLACEMENT, from)) {
    offset += Buffer.byteLength(text.slice(from, at));
    if (!bytes.subarray(offset).toString("latin1", 0, 3).startsWith("\xef\xbf\xbd")) return at;
    offset += REPLACEMENT_BYTES;
    from = at + 1;
  }
  return 0;
}

const REPLACEMENT_BYTES = 3;
