/**
 * Blanks out `//` and `/* *\/` comments outside of strings, so that every other character keeps its
 * place and an error's line and column are those of the file. For JSON only: in YAML `//` is text.
 */
export function blankJsonComments(text: string): string {
  return text.replaceAll(STRING_OR_COMMENT, (token) =>
    token.startsWith('"') ? token : token.replaceAll(/[^\r\n]/g, " "),
  );
}

/** A string ends at its quote or, where that is missing, with its line; a block comment may be left open. */
const STRING_OR_COMMENT = /"(?:\\.|[^"\\\r\n])*"?|\/\/[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;
