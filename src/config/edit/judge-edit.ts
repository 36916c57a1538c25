import type { Diagnostic } from "../diagnostic.ts";
import { parseConfig, type ParseOptions } from "../parse.ts";

/** A configuration before or after an edit, and with what it is read. */
export interface Version extends ParseOptions {
  readonly text: string;
}

/** What is wrong with an edited configuration. */
export interface Judgement {
  /** By the edit. */
  readonly broken: readonly Diagnostic[];
  /** Before it already. */
  readonly left: readonly Diagnostic[];
  /** Variables that are set nowhere here. */
  readonly unset: readonly string[];
  /** Those of them that the edit brought in. */
  readonly newlyUnset: readonly string[];
}

/**
 * Reads an edited configuration as the proxy would. That a variable is not set here is no error of the
 * file's: the proxy may have it.
 */
export function judgeEdit(before: Version, after: Version): Judgement {
  const then = wrongWith(before);
  const known = new Set(then.map(withoutPlace));
  const now = wrongWith(after);
  const errors = now.filter(({ unset }) => unset === undefined);
  const unset = unsetIn(now);
  return {
    broken: errors.filter((error) => !known.has(withoutPlace(error))),
    left: errors.filter((error) => known.has(withoutPlace(error))),
    unset: [...unset],
    newlyUnset: [...unset.difference(unsetIn(then))],
  };
}

function unsetIn(diagnostics: readonly Diagnostic[]): Set<string> {
  return new Set(diagnostics.flatMap(({ unset }) => unset ?? []));
}

function wrongWith({ text, ...options }: Version): readonly Diagnostic[] {
  const result = parseConfig(text, options);
  return result.ok ? [] : result.diagnostics;
}

/** Entries move when another goes, and lines with them. */
function withoutPlace({ message }: Diagnostic): string {
  return message.replaceAll(/\[\d+\]|\(line \d+, column \d+\)/g, "[]");
}
