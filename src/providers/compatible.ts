import type { KeyConfig } from "../config/config.ts";
import { MODEL_LIST } from "./anthropic.ts";
import { type Api, APIS } from "./api.ts";
import { modelList } from "./azure.ts";
import { modelListOf } from "./gemini.ts";
import { COMPATIBLE_LIMITS, readLimitHeaders } from "./limit-headers.ts";
import { LIST_OF_MODELS, openAiLike, placeByApi } from "./openai.ts";
import type { FreeCall } from "./provider.ts";

/** Any other base URL, other reverse proxies included: whatever the client speaks is passed on in its own form. */
export const compatible = openAiLike("compatible", APIS, {
  placeCredential: placeByApi,
  readLimits: (headers) => readLimitHeaders(headers, COMPATIBLE_LIMITS),
  freeCall: () => inEveryPlace(LIST_OF_MODELS),
  modelList: (api, key) => inEveryPlace(listInFormOf(api, key)),
});

/** Where it looks for the credential depends on what its clients speak, which nobody says. */
function inEveryPlace(call: FreeCall): FreeCall {
  return { ...call, apis: APIS };
}

function listInFormOf(api: Api, key: Pick<KeyConfig, "url">): FreeCall {
  switch (api) {
    case "openai":
      return LIST_OF_MODELS;
    case "anthropic":
      return MODEL_LIST;
    case "azure":
      return modelList(key);
    case "gemini":
    case "gemini-openai":
      return modelListOf(api, key);
  }
}
