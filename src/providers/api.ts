/**
 * The API that a client speaks, told from the path: decides where the model stands in the request and
 * how our own errors are worded. Which upstreams answer it is the provider's business.
 *
 * `gemini-openai` is Google's OpenAI-compatible form under `/v1beta/openai/`.
 */
export type Api = "openai" | "anthropic" | "gemini" | "gemini-openai" | "azure";

/**
 * @param path     path of the request, without query
 * @param headers  only `anthropic-version` is looked at: it alone tells Anthropic's `/v1/models` and
 *                 `/v1/files` from OpenAI's (https://docs.anthropic.com/en/api/versioning)
 */
export function apiOf(path: string, headers: Headers): Api {
  if (path.startsWith("/v1/messages") || path === "/v1/complete") return "anthropic";
  if (path.startsWith("/v1beta/openai/")) return "gemini-openai";
  if (GEMINI_PATH.test(path)) return "gemini";
  if (path.startsWith("/openai/")) return "azure";
  if (headers.has("anthropic-version")) return "anthropic";
  return "openai";
}

/** `/v1beta/...`, `/upload/v1beta/...`, and `/v1/models/{model}:{method}`, which Google serves as well. */
const GEMINI_PATH =
  /^\/(?:upload\/|download\/)?v1(?:beta|alpha)\/|^\/v1\/(?:models|tunedModels)\/[^/]+:[a-zA-Z]+$/;
