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

type Naming = Pick<RotationKey, "models">;

/** `others` is a word of the configuration, never the name of a model. */
export function namesExactly({ models }: Naming, model: string): boolean {
  return model !== OTHERS && models.includes(model);
}
