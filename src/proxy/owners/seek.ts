import type { OwnError } from "../../providers/error-format.ts";
import type { Outcome } from "../../providers/outcome.ts";
import { obstacleOf } from "../../rotation/obstacle.ts";
import { createPool } from "../../rotation/pool.ts";
import { decodeContent } from "../decode-content.ts";
import type { Answer } from "../judge.ts";
import type { UpstreamKey } from "../runtime.ts";
import type { Search } from "../search.ts";
import type { Owned } from "./owned.ts";
import { resourcePools } from "./resource-pools.ts";

/** Accounts that are asked at most for one request. */
const MAX_ASKED = 100;

const MAX_ERROR_BYTES = 64 * 1024;

/** Statuses by which providers say that there is no such thing in this account: Google's is 403, OpenAI's Responses' 400. */
const MISSING_STATUS: ReadonlySet<number> = new Set([400, 403, 404]);

/** Of OpenAI's reasoning and Google's caches: these messages do not say which. */
const NAMELESS = /invalid_encrypted_content|not found \(or permission denied\)/;

/**
 * Whether a search goes on behind an answer, since it says that this account does not have what the
 * request names. The account is not asked again.
 */
export function goesOnSeeking(
  search: Search,
  key: UpstreamKey,
  outcome: Outcome,
  answer: Answer,
  now: number,
): boolean {
  const { owned, runtime, arrivedMs } = search.exchange;
  const seek = owned?.seek;
  if (owned === undefined || seek === undefined || outcome.kind !== "client-error") return false;
  if (!saysMissing(owned, answer)) return false;
  seek.asked += 1;
  if (seek.asked >= MAX_ASKED || now - arrivedMs >= runtime.config.rotation.deadlineMs) return false;
  for (const { keys } of resourcePools(runtime).accounts.of([key]))
    for (const one of keys) search.ruleOut(one);
  seek.missing ??= { key, answer };
  return true;
}

function saysMissing({ endpoint, ids }: Owned, { status, headers, body }: Answer): boolean {
  if (!MISSING_STATUS.has(status) || body.kind === "stream") return false;
  if (status === 404 && endpoint.kind === "resource") return true;
  if (body.kind !== "whole") return false;
  const text = decodeContent(body.bytes, headers.get("content-encoding"), MAX_ERROR_BYTES)?.toString("utf8");
  if (text === undefined) return false;
  return NAMELESS.test(text) || ids.some((id) => text.includes(id.slice(id.indexOf("/") + 1)));
}

/** How a search ends that no key has ended. */
export type SeekEnd =
  /** All said that they have no such thing: the first one's answer is the client's. */
  | { readonly kind: "missing"; readonly key: UpstreamKey; readonly answer: Answer }
  | { readonly kind: "gone"; readonly error: OwnError }
  /** Some could not be asked now, and may have it. */
  | { readonly kind: "open" };

/** Undefined where nothing was sought, or nobody could be asked. Leaves in `search` those who were not asked. */
export function endOfSeek(search: Search, now: number): SeekEnd | undefined {
  const seek = search.exchange.owned?.seek;
  if (seek?.missing === undefined) return undefined;
  const { pool, tried, failures } = search;
  const unasked = pool.tiers
    .flatMap(({ keys }) => keys)
    .filter((key) => failures.has(key) || (!tried.keys.has(key) && mayTellSoon(key, pool.model, now)));
  if (unasked.length > 0) {
    search.pool = createPool(pool.model, unasked);
    return { kind: "open" };
  }
  if (seek.gone === undefined) return { kind: "missing", ...seek.missing };
  const message = `"${seek.gone}" was made with a key that is not in the configuration any more, and no other key has it. Put that key back, or make it anew.`;
  return { kind: "gone", error: { status: 404, code: "owner_not_configured", message } };
}

/** What is dead or spent would leave the client without an answer for as long as nobody mends it. */
function mayTellSoon(key: UpstreamKey, model: string, now: number): boolean {
  const kind = obstacleOf(key.state, model, now)?.kind;
  return kind === undefined || kind === "limited";
}
