import { masksOf } from "./masks.ts";
import { read } from "./read.ts";
import { Reader } from "./reader.ts";
import { ConfigFile } from "./schema.ts";
import { looksSecret, maskOf } from "./secrecy.ts";
import { Source } from "./source.ts";
import { parseSyntax } from "./syntax.ts";

/**
 * The text of a configuration in YAML as a terminal may show it: of what may not be shown in messages either
 * the last four characters at most, and in comments nothing that could be a secret.
 *
 * @returns undefined where it is no YAML, so that nobody can say what in it is secret
 */
export function shownFile(text: string): string | undefined {
  const source = new Source("", text.replace(/^\uFEFF/, ""));
  const syntax = parseSyntax(source);
  if (!syntax.readable) return undefined;
  const reader = new Reader(source, syntax, {});
  read(reader, ConfigFile, syntax.contents, "");
  let shown = "";
  let at = 0;
  const masks = masksOf(source, syntax.contents, (node) => reader.mayShow(node));
  for (const { start, end } of masks.toSorted((a, b) => a.start - b.start)) {
    if (start < at) continue;
    const hidden = source.text.slice(start, end);
    shown +=
      source.text.slice(at, start) + (hidden.startsWith("#") ? shownComment(hidden) : shownValue(hidden));
    at = end;
  }
  return shown + source.text.slice(at);
}

function shownValue(written: string): string {
  const text = written.trimEnd();
  const [, quote = "", bare = ""] = /^(["']?)(\S*?)\1$/.exec(text) ?? [];
  // A text over several lines ends with the break of its last.
  return `${quote}${maskOf(bare)}${quote}${written.slice(text.length)}`;
}

/** Settings that stand in a comment, ours and those of others, whose values are secrets. */
const SECRET_SETTING =
  /\b(?:keys?|token|headers|proxy|\w*api_?key|authorization|passw\w*|secret\w*)["']?\s*[:=]\s*/i;

function shownComment(comment: string): string {
  const setting = SECRET_SETTING.exec(comment);
  const value = setting === null ? 0 : setting.index + setting[0].length;
  const behind = setting === null ? 0 : value + comment.slice(value).search(/\s#|$/);
  return (
    shownWords(comment.slice(0, value), mayBeSecret) +
    shownWords(comment.slice(value, behind), () => true) +
    shownWords(comment.slice(behind), mayBeSecret)
  );
}

/** A variable's name is no secret, whatever it is called. */
function shownWords(text: string, isSecret: (word: string) => boolean): string {
  return text.replaceAll(/\$\{\w+\}|[^\s,"'()[\]{}]+/g, (word) =>
    !word.startsWith("${") && isSecret(word) ? maskOf(word) : word,
  );
}

/** More is taken for a secret than elsewhere: nothing says what a comment is about. */
function mayBeSecret(word: string): boolean {
  if (looksSecret(word) || /:\/\/[^/]*@/.test(word)) return true;
  return word
    .split(/[-_.:/=@?&]/)
    .some((part) => part.length >= 12 && /\d/.test(part) && /[A-Za-z]/.test(part));
}
