import type { Problem } from "./diagnostic.ts";

/** Strings and comments of JSON with comments, as `blankJsonComments` takes them; and what may be no part of it. */
const TOKEN = /"(?:\\.|[^"\\\r\n])*"?|\/\/[^\r\n]*|\/\*[\s\S]*?(\*\/|$)|'/g;

/**
 * What keeps a text from being JSON that YAML's parser, which reads it, would tell in terms of something
 * else: comments are blanked before it sees them, and it takes what is YAML and no JSON.
 */
export function whyNoJson(text: string): Problem | undefined {
  for (const { 0: token, 1: close, index } of text.matchAll(TOKEN)) {
    if (token === "'")
      return {
        span: { start: index, end: index + 1 },
        message: "JSON has its texts and names in double quotes",
        instead: 'a double quote: "',
      };
    if (token.startsWith("/*") && close === "")
      return {
        span: { start: index, end: index + 2 },
        message: "this comment is never closed",
        instead: "a */ at its end",
      };
  }
  const bare = text.replaceAll(TOKEN, (token) => (token.startsWith("/") ? " ".repeat(token.length) : token));
  const at = bare.search(/\S/);
  if (at === -1 || bare[at] === "{") return undefined;
  return {
    span: { start: at, end: at + (/^\S+/.exec(bare.slice(at))?.[0].length ?? 1) },
    message: "a file whose name ends in .json must be JSON, which begins with {",
    instead: "for YAML, a name such as keycycle.yaml",
  };
}
