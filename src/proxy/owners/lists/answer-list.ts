import type { OwnError } from "../../../providers/error-format.ts";
import { takeAbortController } from "../../abort-controllers.ts";
import { answerUpstream } from "../../answer.ts";
import { endExchange, type Exchange, hasLeft, whyGone } from "../../exchange.ts";
import { explainExhausted } from "../../exhausted.ts";
import { answerError, setOwnHeaders } from "../../own-answer.ts";
import type { Runtime } from "../../runtime.ts";
import { nameOf } from "../accounts.ts";
import { keysAtHome } from "../keepers.ts";
import { poolFor } from "../own-request.ts";
import { rememberAll } from "../remember-all.ts";
import { resourcePools } from "../resource-pools.ts";
import { AccountLists } from "./account-lists.ts";
import { listEndpointOf } from "./list-endpoint.ts";
import { type ListRequest, readListRequest } from "./list-request.ts";
import { PageMemory } from "./page-memory.ts";
import { writeToken } from "./page-token.ts";
import { type MergedPage, mergedPage } from "./pages.ts";
import type { Position } from "./source.ts";

/** More accounts than this are not asked for one list. */
const MAX_ACCOUNTS = 100;

const memories = new WeakMap<Runtime, PageMemory>();

/**
 * Answers a request for a list with the things of all accounts as if they were one's.
 *
 * @returns undefined where it asks for anything else, or one key can answer it
 */
export async function answerList(exchange: Exchange): Promise<Response | undefined> {
  const { api, request, path, query, owned, runtime } = exchange;
  const list = owned?.only === undefined ? listEndpointOf(api, request.method, path) : undefined;
  const asked = list && readListRequest(list, query);
  if (asked === undefined) return undefined;
  // In the order of the configuration, whoever asks: it tells who comes first of things of one age.
  const accounts = resourcePools(runtime).accounts.of(keysAtHome(runtime.keys, api));
  if (accounts.length < 2) return undefined;
  if (asked.after !== undefined && asked.before !== undefined) return answerError(exchange, TWO_CURSORS);

  exchange.abort = takeAbortController();
  const lists = new AccountLists(exchange, asked, accounts.slice(0, MAX_ACCOUNTS), exchange.abort.signal);
  for (const account of accounts.slice(MAX_ACCOUNTS)) lists.missing.set(account, "too many accounts");
  const memory = memories.get(runtime) ?? new PageMemory();
  memories.set(runtime, memory);
  const page = await mergedPage(asked, lists, memory, `${path} ${asked.filter} ${asked.newestFirst}`);

  if (hasLeft(exchange)) {
    endExchange(exchange, { status: 499, key: "", firstByteMs: Date.now(), error: whyGone(exchange) });
    return new Response(null, { status: 499 });
  }
  if (page === undefined && !lists.hasFailed) return answerError(exchange, unknownCursor(asked, lists));
  if (page === undefined || lists.hasFailed) {
    if (lists.refused !== undefined) return answerUpstream(exchange, lists.refused.key, lists.refused.answer);
    const pool = poolFor(exchange, "");
    const { error, retryAfterMs } = explainExhausted({ pool, tokens: 0, failures: new Map() }, Date.now());
    return answerError(exchange, error, retryAfterMs);
  }
  rememberThings(exchange, page);
  tellTwins(exchange, page);
  return answerJson(exchange, bodyOf(asked, page), lists);
}

const TWO_CURSORS: OwnError = {
  status: 400,
  code: "invalid_parameter",
  message: "A page begins behind one thing or ends before one: send one of the two.",
};

function unknownCursor({ list, before, token }: ListRequest, { missing }: AccountLists): OwnError {
  if (missing.size > 0) {
    const told = [...missing].map(([account, reason]) => `${nameOf(account)} (${reason})`).join(", ");
    const message = `The list cannot be read up to the thing that was named: it may be one of ${told}.`;
    return { status: 503, code: "list_incomplete", message };
  }
  const { dialect } = list;
  const param =
    (token === undefined ? (before === undefined ? dialect.after : dialect.before) : dialect.token) ?? "";
  const message = `${param} names nothing in the lists of the keys, which may have changed: begin again without it.`;
  return { status: 400, code: "invalid_parameter", message, param };
}

function rememberThings(exchange: Exchange, { things, accounts }: MergedPage): void {
  for (const { item, source } of things) {
    const key = accounts[source]?.keys[0];
    if (key !== undefined) rememberAll(exchange, key, [item.id]);
  }
}

function tellTwins({ log }: Exchange, { twins }: MergedPage): void {
  if (twins === undefined) return;
  const [first, second] = twins.map(nameOf);
  log.message(
    "warn",
    `${first} and ${second} list the same things: give them the same "account", so that each may use what the other made`,
  );
}

/** In the words of the provider, from what the first account said beside its things. */
function bodyOf({ list }: ListRequest, page: MergedPage): object {
  const { dialect, items } = list;
  const envelope = page.sources.find((source) => source.envelope !== undefined)?.envelope ?? {};
  const data = page.things.map(({ item }) => item.json);
  const usesTokens = dialect.next !== undefined && (dialect.after === undefined || dialect.next in envelope);
  const hasMore = "has_more" in envelope ? { has_more: page.hasMore } : {};
  if (usesTokens) {
    const { [dialect.next]: _, ...rest } = envelope;
    const token = page.hasMore ? writeToken(positionsOf(page)) : undefined;
    // Google leaves it out at the end, Anthropic says null.
    const next = token === undefined && dialect.after === undefined ? {} : { [dialect.next]: token ?? null };
    return { ...rest, [items]: data, ...hasMore, ...next };
  }
  const [first, last] = [page.things[0]?.item.id ?? null, page.things.at(-1)?.item.id ?? null];
  return { ...envelope, [items]: data, ...hasMore, first_id: first, last_id: last };
}

function positionsOf({ sources, accounts }: MergedPage): Map<string, Position> {
  const positions = new Map<string, Position>();
  for (const [index, { keys }] of accounts.entries()) {
    const position = sources[index]?.position;
    const name = keys[0]?.name;
    if (position !== undefined && name !== undefined) positions.set(name, position);
  }
  return positions;
}

function answerJson(exchange: Exchange, body: object, { missing }: AccountLists): Response {
  const headers = new Headers({ "content-type": "application/json" });
  setOwnHeaders(exchange, headers, undefined, null);
  if (missing.size > 0 && exchange.runtime.config.server.responseHeaders) {
    const names = [...missing.keys()].flatMap(({ keys }) => keys.map(({ name }) => encodeURIComponent(name)));
    headers.set("x-keycycle-incomplete", names.join(", "));
  }
  endExchange(exchange, { status: 200, key: "", firstByteMs: Date.now() });
  return new Response(JSON.stringify(body), { status: 200, headers });
}
