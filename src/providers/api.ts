/** Every API that clients may speak. */
export const APIS = ["openai", "anthropic", "gemini", "gemini-openai", "azure"] as const;

/**
 * The API that a client speaks, told from the path: decides where the model stands in the request and
 * how our own errors are worded. Which upstreams answer it is the provider's business.
 *
 * `gemini-openai` is Google's OpenAI-compatible form under `/v1beta/openai/`.
 */
export type Api = (typeof APIS)[number];

/**
 * @param path     path of the request, without query
 * @param headers  tell paths that several have, such as `/v1/models`, apart: Anthropic's clients send
 *                 `anthropic-version` (https://docs.anthropic.com/en/api/versioning), Google's `x-goog-*`
 */
export function apiOf(path: string, headers: Headers): Api {
  if (path.startsWith("/v1/messages") || path === "/v1/complete") return "anthropic";
  if (path.startsWith("/v1beta/openai/")) return "gemini-openai";
  if (GEMINI_PATH.test(path)) return "gemini";
  if (path.startsWith("/openai/")) return "azure";
  if (headers.has("anthropic-version")) return "anthropic";
  if (SHARED_PATH.test(path) && headers.has("x-goog-api-key") && !headers.has("authorization"))
    return "gemini";
  return "openai";
}

/** `/v1beta/...`, `/upload/v1/...`, and `/v1/models/{model}:{method}`, which Google serves as well, and its WebSockets. */
const GEMINI_PATH =
  /^\/ws\/google\.|^\/v1(?:beta|alpha)\/|^\/(?:upload|download)\/v\d|^\/v1\/(?:models|tunedModels)\/[^/]+:[a-zA-Z]+$/;

/** What Google has under `/v1` as others do; its SDK goes there where it is given a base URL. */
const SHARED_PATH =
  /^\/v1\/(?:models|files|batches|operations|tunedModels|cachedContents|fileSearchStores|interactions)(?:\/|$)/;
