import type { RotationKey } from "./key-state.ts";

/** The word for every model that no key names. */
export const OTHERS = "others";

/** Whether a pattern (`*` any run of characters, `?` any one) fits the whole of a model's name. */
export function compileGlob(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s");
}

/** A name with no wildcard in it. */
export function isExactName(pattern: string): boolean {
  return !pattern.includes("*") && !pattern.includes("?");
}

/** Whether any of the patterns, exact names or globs, allows the model. */
export function allowsModel(patterns: readonly string[], model: string): boolean {
  return patterns.some((pattern) =>
    isExactName(pattern) ? pattern === model : compileGlob(pattern).test(model),
  );
}

/**
 * The keys that serve a model: those that name it exactly; where none does, those with a fitting
 * glob; where none has, those with `others`. So a key with `others` never serves what another names,
 * unless it names it too.
 *
 * @returns in the order given; empty where nobody serves the model
 */
export function keysFor<Key extends Pick<RotationKey, "models">>(keys: readonly Key[], model: string): Key[] {
  // `others` is a word of the configuration, never the name of a model.
  const exact = model === OTHERS ? [] : keys.filter((key) => key.models.includes(model));
  if (exact.length > 0) return exact;
  const globbed = keys.filter((key) =>
    key.models.some((pattern) => !isExactName(pattern) && compileGlob(pattern).test(model)),
  );
  return globbed.length > 0 ? globbed : keys.filter((key) => key.models.includes(OTHERS));
}
