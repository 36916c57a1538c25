import type { Api } from "../../providers/api.ts";

/** What a request wants to know of the models. */
export type ModelsQuestion =
  | { readonly kind: "list" }
  /** `id` as clients ask for the model. */
  | { readonly kind: "one"; readonly id: string };

interface Asked {
  readonly api: Api;
  readonly method: string;
  readonly path: string;
}

/** Google has further resources below a model (`models/{model}/operations/{id}`); its models' names have no slash. */
const GEMINI_MODELS = /^\/v1(?:beta|alpha)?\/models(?:\/([^/:]*))?$/;
const GEMINI_OPENAI_MODELS = /^\/v1beta\/openai\/models(?:\/(.*))?$/;
const AZURE_MODELS = /^\/openai(?:\/v1)?\/models(?:\/(.*))?$/;
const MODELS = /^(?:\/v\d+)?\/models(?:\/(.*))?$/;

/** OpenRouter's further paths (https://openrouter.ai/docs/api-reference), which are no models' names. */
const NO_MODEL = /^(?:user|count)$|\/endpoints$/;

/**
 * What a request asks of the models; undefined where it asks for anything else.
 *
 * @param basePaths  of the keys: clients may have them in front of their paths as well; called where it matters
 */
export function readQuestion(
  { api, method, path }: Asked,
  basePaths: () => readonly string[],
): ModelsQuestion | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  const found = match(api, path, basePaths);
  if (found === null || NO_MODEL.test(found[1] ?? "")) return undefined;
  const id = decode(found[1] ?? "");
  if (id === undefined) return undefined;
  if (id === "") return { kind: "list" };
  return { kind: "one", id: api === "gemini-openai" ? id.replace(/^models\//, "") : id };
}

function match(api: Api, path: string, basePaths: () => readonly string[]): RegExpExecArray | null {
  switch (api) {
    case "gemini":
      return GEMINI_MODELS.exec(path);
    case "gemini-openai":
      return GEMINI_OPENAI_MODELS.exec(path);
    case "azure":
      return AZURE_MODELS.exec(path);
    case "openai":
    case "anthropic": {
      const plain = MODELS.exec(path);
      if (plain !== null) return plain;
      const base = basePaths().find((each) => each !== "" && path.startsWith(`${each}/`));
      return base === undefined ? null : MODELS.exec(path.slice(base.length));
    }
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
