import type { Api } from "../providers/api.ts";
import type { KeyConfig } from "../config/config.ts";
import { PROVIDERS } from "../providers/registry.ts";
import type { RequestTarget } from "./request-target.ts";

/** Where a request's path begins with the name of an API: the name, which is no upstream's business, and the API. */
export interface Mount {
  /** With its slash; "" for none. */
  readonly prefix: string;
  /** Undefined where the rest of the path tells it. */
  readonly api: Api | undefined;
}

const NONE: Mount = { prefix: "", api: undefined };
const ANTHROPIC: Mount = { prefix: "/anthropic", api: "anthropic" };
const GEMINI: Mount = { prefix: "/gemini", api: "gemini" };
const GEMINI_OPENAI: Mount = { prefix: "/gemini", api: "gemini-openai" };
const AZURE: Mount = { prefix: "/azure", api: "azure" };
const OPENAI: Mount = { prefix: "/openai", api: "openai" };

/**
 * The mount that a request is sent to: `/openai/...`, `/anthropic/...`, `/gemini/...` or `/azure/...` before
 * the API's own path, for APIs whose paths collide.
 *
 * Azure's own paths begin with `/openai` too (`/openai/deployments/...`, `/openai/v1/...`), and so do those
 * that Groq's SDK adds to its base URL. Theirs is what has an `api-version`, or `api-key` in a header or the query, which
 * no client of OpenAI's sends, or names a deployment; and all of it where nobody but they could answer.
 *
 * @param isAzures  whether `/openai` belongs to Azure and Groq whatever else a request has: see `azureOwnsOpenAiPath`
 */
export function mountOf({ path, query }: RequestTarget, headers: Headers, isAzures: boolean): Mount {
  // Nearly all paths begin with a version.
  if (path.startsWith("/v1")) return NONE;
  if (path.startsWith("/anthropic/")) return ANTHROPIC;
  if (path.startsWith("/gemini/")) return path.startsWith("/gemini/v1beta/openai/") ? GEMINI_OPENAI : GEMINI;
  if (path.startsWith("/azure/")) return AZURE;
  if (!path.startsWith("/openai/")) return NONE;
  const isAzureRequest =
    path.startsWith("/openai/deployments/") ||
    headers.has("api-key") ||
    /[?&]api-(?:version|key)=/.test(query);
  return isAzures || isAzureRequest ? NONE : OPENAI;
}

/** Providers that are reached under `/openai` themselves, or whose own API is another. */
const NOT_PLAIN_OPENAI: ReadonlySet<KeyConfig["provider"]> = new Set(["azure", "groq", "anthropic"]);

/** Whether the keys make `/openai/...` Azure's and Groq's alone: they are there, and no key speaks OpenAI's API for itself. */
export function azureOwnsOpenAiPath(keys: readonly Pick<KeyConfig, "provider" | "url">[]): boolean {
  const hasAzurePath = keys.some(({ provider }) => provider === "azure" || provider === "groq");
  return (
    hasAzurePath &&
    !keys.some((key) => !NOT_PLAIN_OPENAI.has(key.provider) && PROVIDERS[key.provider].serves("openai", key))
  );
}
