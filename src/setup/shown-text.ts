import { parse } from "yaml";

import { blankJsonComments } from "../config/json-comments.ts";
import { looksSecret, maskOf } from "../config/secrecy.ts";

/** Settings whose values are secrets, ours and those of configurations that may have been there before. */
const SECRET_SETTINGS = /^(?:key|keys|token|headers|api_?key|password|secret)$/i;

/**
 * The text of a configuration as a terminal may show it: of secrets the last four characters at most.
 *
 * @returns undefined where nobody can say what in it is secret
 */
export function shownText(text: string, path: string): string | undefined {
  const secrets = new Set<string>();
  try {
    collect(
      parse(/\.jsonc?$/i.test(path) ? blankJsonComments(text) : text, { logLevel: "silent" }),
      false,
      secrets,
    );
  } catch {
    return undefined;
  }
  let shown = text;
  for (const secret of [...secrets].toSorted((a, b) => b.length - a.length))
    shown = shown.replaceAll(secret, maskOf(secret));
  return shown.replaceAll(/[^\s"',]+/g, (word) =>
    looksSecret(word) && !word.startsWith("…") ? maskOf(word) : word,
  );
}

function collect(value: unknown, isSecret: boolean, secrets: Set<string>): void {
  if (typeof value === "string") {
    // A variable's name is no secret, whatever it is called.
    const parts = isSecret
      ? value.split(/[\s,]+/).filter((part) => part !== "" && !/^\$\{\w+\}$/.test(part))
      : [];
    for (const part of parts) secrets.add(part);
  } else if (Array.isArray(value)) {
    for (const item of value) collect(item, isSecret, secrets);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value))
      collect(inner, isSecret || SECRET_SETTINGS.test(name), secrets);
  }
}
