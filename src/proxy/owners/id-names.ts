/** Under which names, in a JSON body, ids of things stand that live in one account. */
export interface IdNames {
  readonly names: ReadonlySet<string>;
  /** The names as they stand in JSON; a body without any of them is not looked into. */
  readonly needles: readonly Buffer[];
  /** Whether reasoning may be sent back that only the account which made it can read. */
  readonly hasReasoning: boolean;
}

function idNames(
  names: readonly string[],
  hasReasoning = false,
  alsoNeedles: readonly string[] = [],
): IdNames {
  const needles = [...names, ...alsoNeedles].map((name) => Buffer.from(`"${name}"`));
  return { names: new Set(names), needles, hasReasoning };
}

/** Names that stand for things only with an id within: elsewhere a prompt is what a model is to answer, and a video its bytes. */
export const OBJECTS_ONLY: ReadonlySet<string> = new Set(["prompt", "video", "characters"]);

/** https://platform.openai.com/docs/api-reference/chat: files in the content of messages. */
export const CHAT_NAMES = idNames(["file_id"]);

/** https://platform.openai.com/docs/api-reference/responses/create */
const OF_RESPONSES = [
  "previous_response_id",
  "conversation",
  "prompt",
  "file_id",
  "file_ids",
  "vector_store_ids",
  "container",
  "container_id",
  "skill_id",
];

/** An item of the input may stand for one that is stored; the name of its type gives it away. */
export const ITEM_REFERENCE = "item_reference";

export const RESPONSES_NAMES = idNames(OF_RESPONSES, true, [ITEM_REFERENCE]);

/** All that bodies of OpenAI's other endpoints name. */
export const OPENAI_NAMES = idNames(
  [
    ...OF_RESPONSES,
    "input_file_id",
    "thread_id",
    "assistant_id",
    "vector_store_id",
    "training_file",
    "validation_file",
    "eval_id",
    "batch_id",
    "cached_content",
    "video",
    "characters",
  ],
  false,
  [ITEM_REFERENCE],
);

/** https://docs.anthropic.com/en/api/messages: files as sources and for containers, containers, skills. */
export const ANTHROPIC_NAMES = idNames([
  "file_id",
  "container",
  "skill_id",
  "agent",
  "agent_id",
  "environment_id",
  "session_id",
  "vault_ids",
  "memory_store_id",
]);

/** https://ai.google.dev/api/caching#Content; either spelling, as in every protobuf (proto3 JSON). */
export const GEMINI_NAMES = idNames([
  "fileUri",
  "file_uri",
  "cachedContent",
  "cached_content",
  "fileName",
  "file_name",
  "fileSearchStoreNames",
  "file_search_store_names",
  "previous_interaction_id",
]);
