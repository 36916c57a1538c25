import type { Api } from "../../providers/api.ts";
import {
  ANTHROPIC_NAMES,
  CHAT_NAMES,
  GEMINI_NAMES,
  type IdNames,
  OPENAI_NAMES,
  RESPONSES_NAMES,
} from "./id-names.ts";

/**
 * What a request may have to do with things that live in one account:
 * - `plain`: nothing; any key may serve it.
 * - `generating`: it may name some in its body, and any key may serve it where it names none.
 * - `resource`: it is about them.
 */
export interface Endpoint {
  readonly kind: "plain" | "generating" | "resource";
  /** Under which names ids may stand in its body; undefined where none can. */
  readonly names: IdNames | undefined;
  /** Whether its answer may tell ids of things that it made. */
  readonly makes: boolean;
  /** What stands in the body of a request whose answer does so although that of others does not. */
  readonly makesWhere?: Buffer;
}

const PLAIN: Endpoint = { kind: "plain", names: undefined, makes: false };
/** Chat completions that are stored. */
const CHAT: Endpoint = {
  kind: "generating",
  names: CHAT_NAMES,
  makes: false,
  makesWhere: Buffer.from('"store"'),
};
const RESPONSES: Endpoint = { kind: "generating", names: RESPONSES_NAMES, makes: true };
/** Code that is run makes containers and files (https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/code-execution-tool). */
const MESSAGES: Endpoint = {
  kind: "generating",
  names: ANTHROPIC_NAMES,
  makes: false,
  makesWhere: Buffer.from('"code_execution'),
};
const COUNT_TOKENS: Endpoint = { kind: "generating", names: ANTHROPIC_NAMES, makes: false };
const CONTENT: Endpoint = { kind: "generating", names: GEMINI_NAMES, makes: false };
const INTERACTIONS: Endpoint = { kind: "generating", names: GEMINI_NAMES, makes: true };
const OPENAI_RESOURCE: Endpoint = { kind: "resource", names: OPENAI_NAMES, makes: true };
const ANTHROPIC_RESOURCE: Endpoint = { kind: "resource", names: ANTHROPIC_NAMES, makes: true };
const GEMINI_RESOURCE: Endpoint = { kind: "resource", names: GEMINI_NAMES, makes: true };

/**
 * What is not known to be plain or generating is about resources, so that an endpoint that a provider adds
 * is one as well.
 *
 * @param path  without query
 */
export function endpointOf(api: Api, method: string, path: string): Endpoint {
  switch (api) {
    case "anthropic":
      return ofAnthropic(method, path);
    case "gemini":
      return ofGemini(method, path);
    case "openai":
    case "azure":
    case "gemini-openai":
      return ofOpenAi(method, path);
  }
}

/** Told by the end of the path: what stands before it differs from provider to provider. */
const OPENAI_PLAIN =
  /\/(?:completions|embeddings|moderations|rerank|ocr|audio\/(?:speech|transcriptions|translations)|images\/(?:generations|variations)|realtime(?:\/[a-z_]+)?)$|\/models(?:\/|$)/;

function ofOpenAi(method: string, path: string): Endpoint {
  if (method === "POST") {
    if (path.endsWith("/chat/completions") || path.endsWith("/images/edits")) return CHAT;
    if (RESPONSES_PATH.test(path)) return RESPONSES;
    return OPENAI_PLAIN.test(path) ? PLAIN : OPENAI_RESOURCE;
  }
  // A model that can be deleted was made by fine-tuning.
  return method !== "DELETE" && /\/models(?:\/|$)/.test(path) ? PLAIN : OPENAI_RESOURCE;
}

/** Whether a path is one that every provider has that speaks the API at all. */
export function isGenerating(path: string): boolean {
  return (
    path.endsWith("/chat/completions") ||
    path.endsWith("/messages") ||
    path.endsWith("/messages/count_tokens")
  );
}

const RESPONSES_PATH = /\/responses(?:\/(?:input_tokens|compact))?$/;

function ofAnthropic(method: string, path: string): Endpoint {
  if (method === "POST" && path.endsWith("/messages")) return MESSAGES;
  if (method === "POST" && path.endsWith("/messages/count_tokens")) return COUNT_TOKENS;
  return /\/(?:complete|models)(?:\/|$)/.test(path) ? PLAIN : ANTHROPIC_RESOURCE;
}

/** Methods of models that make an operation or a batch (https://ai.google.dev/api). */
const GEMINI_MAKING = /:(?:predictLongRunning|batchGenerateContent|asyncBatchEmbedContent)$/;
const GEMINI_MODEL_METHOD = /\/models\/[^/]+:[a-zA-Z]+$/;

function ofGemini(method: string, path: string): Endpoint {
  if (method === "POST" && GEMINI_MODEL_METHOD.test(path)) {
    return GEMINI_MAKING.test(path) ? GEMINI_RESOURCE : CONTENT;
  }
  if (path.startsWith("/ws/")) return CONTENT;
  if (path.endsWith("/auth_tokens")) return PLAIN;
  if (method === "POST" && path.endsWith("/interactions")) return INTERACTIONS;
  return /\/models(?:\/[^/]*)?$/.test(path) ? PLAIN : GEMINI_RESOURCE;
}
