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
 * The keys that serve a model to who asks for it in one API: of those that speak it, the keys that name the
 * model exactly; where none does, those with a fitting glob; where none has, those with `others`. A key with
 * `others` never serves what another key names, in whatever API, unless it names it too.
 *
 * @param speaks  whether a key answers that API
 * @returns in the order given; empty where nobody serves the model
 */
export function keysFor<Key extends Pick<RotationKey, "models">>(
  keys: readonly Key[],
  model: string,
  speaks: (key: Key) => boolean,
): Key[] {
  const able = keys.filter(speaks);
  const exact = able.filter((key) => namesExactly(key, model));
  if (exact.length > 0) return exact;
  const globbed = able.filter((key) => hasGlobFor(key, model));
  if (globbed.length > 0) return globbed;
  const isNamed = keys.some((key) => namesExactly(key, model) || hasGlobFor(key, model));
  return isNamed ? [] : able.filter((key) => key.models.includes(OTHERS));
}

type Naming = Pick<RotationKey, "models">;

/** `others` is a word of the configuration, never the name of a model. */
export function namesExactly({ models }: Naming, model: string): boolean {
  return model !== OTHERS && models.includes(model);
}

function hasGlobFor({ models }: Naming, model: string): boolean {
  return models.some((pattern) => !isExactName(pattern) && compileGlob(pattern).test(model));
}
