import type { Api } from "../../../providers/api.ts";
import { withoutBeginning } from "../path-ids.ts";

/** How an API words its lists. */
export interface ListDialect {
  /** Query parameters: how many, behind which, before which, and the token of a page. */
  readonly limit: string;
  readonly after: string | undefined;
  readonly before: string | undefined;
  readonly token: string | undefined;
  /** The field of an answer that has the token of the next page. */
  readonly next: string | undefined;
}

/** A list of things that live in accounts, all of them together. */
export interface ListEndpoint {
  readonly dialect: ListDialect;
  /** The field of an answer that has the things. */
  readonly items: string;
  readonly defaultLimit: number;
  readonly maxLimit: number;
  readonly newestFirst: boolean;
}

/** https://platform.openai.com/docs/api-reference/batch/list and its like. */
const OPENAI: ListDialect = {
  limit: "limit",
  after: "after",
  before: "before",
  token: undefined,
  next: undefined,
};

/** https://docs.anthropic.com/en/api/listing-message-batches has ids, .../files-list and the newer ones tokens. */
const ANTHROPIC: ListDialect = {
  limit: "limit",
  after: "after_id",
  before: "before_id",
  token: "page",
  next: "next_page",
};

/** https://ai.google.dev/api/files#method:-files.list and its like. */
const GEMINI: ListDialect = {
  limit: "pageSize",
  after: undefined,
  before: undefined,
  token: "pageToken",
  next: "nextPageToken",
};

const OPENAI_LIST: ListEndpoint = {
  dialect: OPENAI,
  items: "data",
  defaultLimit: 20,
  maxLimit: 100,
  newestFirst: true,
};
const OLDEST_FIRST: ListEndpoint = { ...OPENAI_LIST, newestFirst: false };
const ANTHROPIC_LIST: ListEndpoint = {
  dialect: ANTHROPIC,
  items: "data",
  defaultLimit: 20,
  maxLimit: 100,
  newestFirst: true,
};

/** By what stands in the path behind the version. */
const OPENAI_LISTS: ReadonlyMap<string, ListEndpoint> = new Map([
  ["/files", { ...OPENAI_LIST, defaultLimit: 10_000, maxLimit: 10_000 }],
  ["/batches", OPENAI_LIST],
  ["/vector_stores", OPENAI_LIST],
  ["/fine_tuning/jobs", OPENAI_LIST],
  ["/assistants", OPENAI_LIST],
  ["/containers", OPENAI_LIST],
  ["/videos", OPENAI_LIST],
  ["/skills", OPENAI_LIST],
  ["/evals", OLDEST_FIRST],
  ["/chat/completions", OLDEST_FIRST],
  ["/chatkit/threads", OPENAI_LIST],
  ["/agents", OPENAI_LIST],
  ["/agents/sessions", OPENAI_LIST],
  ["/agents/environments", OPENAI_LIST],
  ["/vaults", OPENAI_LIST],
]);

const ANTHROPIC_LISTS: ReadonlyMap<string, ListEndpoint> = new Map([
  ["/files", { ...ANTHROPIC_LIST, maxLimit: 1_000 }],
  ["/messages/batches", ANTHROPIC_LIST],
  ["/skills", ANTHROPIC_LIST],
  ["/agents", ANTHROPIC_LIST],
  ["/sessions", ANTHROPIC_LIST],
  ["/environments", ANTHROPIC_LIST],
  ["/vaults", ANTHROPIC_LIST],
  ["/memory_stores", ANTHROPIC_LIST],
]);

function geminiList(items: string, maxLimit: number): ListEndpoint {
  return { dialect: GEMINI, items, defaultLimit: 10, maxLimit, newestFirst: true };
}

const GEMINI_LISTS: ReadonlyMap<string, ListEndpoint> = new Map([
  ["/files", geminiList("files", 100)],
  ["/cachedContents", geminiList("cachedContents", 1_000)],
  ["/batches", geminiList("operations", 100)],
  ["/tunedModels", geminiList("tunedModels", 1_000)],
  ["/fileSearchStores", geminiList("fileSearchStores", 20)],
]);

const LISTS: Readonly<Record<Api, ReadonlyMap<string, ListEndpoint>>> = {
  openai: OPENAI_LISTS,
  azure: OPENAI_LISTS,
  "gemini-openai": OPENAI_LISTS,
  anthropic: ANTHROPIC_LISTS,
  gemini: GEMINI_LISTS,
};

/** The list that a request asks for; undefined where it asks for anything else. */
export function listEndpointOf(api: Api, method: string, path: string): ListEndpoint | undefined {
  return method === "GET" ? LISTS[api].get(withoutBeginning(path)) : undefined;
}
