import { setTimeout } from "node:timers/promises";

import { obstacleOf } from "../../../rotation/obstacle.ts";
import { reserve, release } from "../../../rotation/reserve.ts";
import { attempt } from "../../attempt.ts";
import type { Exchange } from "../../exchange.ts";
import { learnFrom } from "../../forward.ts";
import type { Answer } from "../../judge.ts";
import { readWhole } from "../../read-whole.ts";
import type { UpstreamKey } from "../../runtime.ts";
import { buildUpstreamRequest } from "../../upstream-request.ts";
import type { Account } from "../accounts.ts";
import { mayHoldLinks, withLinksHere } from "../links.ts";
import type { ListEndpoint } from "./list-endpoint.ts";
import { type ListPage, readListPage } from "./list-page.ts";

/** Ten thousand files of OpenAI's are some megabytes. */
const MAX_LIST_BYTES = 32 * 1024 * 1024;

/** What an account says to a request for a part of its list. */
export type Listed =
  | { readonly kind: "listed"; readonly page: ListPage }
  /** It has no such list, or the request is wrong. */
  | { readonly kind: "refused"; readonly key: UpstreamKey; readonly answer: Answer }
  /** It cannot be asked now; `reason` is for people. */
  | { readonly kind: "missing"; readonly reason: string };

/**
 * Asks an account for a part of its list, with one of its keys after the other; where they are limited,
 * again as soon as one is not, as far as `maxWait` allows.
 *
 * @param query   with its question mark
 * @param signal  ends it, as when the client goes away
 */
export async function askAccount(
  exchange: Exchange,
  list: ListEndpoint,
  account: Account<UpstreamKey>,
  query: string,
  signal: AbortSignal,
): Promise<Listed> {
  const deadlineMs = exchange.arrivedMs + exchange.runtime.config.rotation.maxWaitMs;
  for (;;) {
    let reason = "no key of it may be used";
    for (const key of account.keys) {
      const kind = obstacleOf(key.state, "", Date.now())?.kind;
      // Lists cost nothing: they can be had by a key that is out of money.
      if (kind === undefined || kind === "spent") {
        const listed = await askKey(exchange, list, key, query, signal);
        if (listed.kind !== "missing") return listed;
        ({ reason } = listed);
      } else reason = kind;
    }
    const freeMs = freeAt(account, Date.now());
    if (freeMs > deadlineMs || signal.aborted) return { kind: "missing", reason };
    await setTimeout(freeMs - Date.now(), undefined, { signal }).catch(() => {});
  }
}

/** When the first of the keys that are limited is not any more, epoch milliseconds; Infinity where none is. */
function freeAt({ keys }: Account<UpstreamKey>, now: number): number {
  const limits = keys.flatMap(({ state }) => {
    const obstacle = obstacleOf(state, "", now);
    return obstacle?.kind === "limited" ? [obstacle.untilMs] : [];
  });
  return Math.min(...limits);
}

async function askKey(
  exchange: Exchange,
  list: ListEndpoint,
  key: UpstreamKey,
  query: string,
  signal: AbortSignal,
): Promise<Listed> {
  const { timeouts } = exchange.runtime.config.rotation;
  const abort = new AbortController();
  const end = () => abort.abort();
  signal.addEventListener("abort", end);
  const reservation = reserve(key, "", 0, Date.now());
  try {
    // Each has headers of its own: other accounts are asked meanwhile.
    const request = new Request(exchange.request.url, { headers: new Headers(exchange.request.headers) });
    const own: Exchange = { ...exchange, request, query };
    const sent = buildUpstreamRequest(own, key, undefined, undefined);
    const result = await attempt(key, sent, timeouts, abort);
    const { outcome, answer } = learnFrom(exchange, reservation, result);
    if (answer === undefined) return { kind: "missing", reason: outcome.kind };
    if (outcome.kind === "client-error" || outcome.kind === "unserved-model")
      return { kind: "refused", key, answer };
    const body = await readWhole(answer, MAX_LIST_BYTES);
    if (outcome.kind !== "served") return { kind: "missing", reason: outcome.kind };
    const text = body && (mayHoldLinks(exchange) ? withLinksHere(exchange, key, String(body)) : String(body));
    const page = text === undefined ? undefined : readListPage(text, list);
    return page === undefined ? { kind: "missing", reason: "no list" } : { kind: "listed", page };
  } finally {
    signal.removeEventListener("abort", end);
    release(reservation, 0, Date.now());
    exchange.runtime.waiting.poke();
  }
}
