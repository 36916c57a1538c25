import type { RotationConfig } from "../../config/config.ts";
import type { FreeCall } from "../../providers/provider.ts";
import type { Outcome } from "../../providers/outcome.ts";
import { attempt } from "../attempt.ts";
import { freeRequest } from "../free-request.ts";
import type { Answer } from "../judge.ts";
import { readWhole } from "../read-whole.ts";
import type { UpstreamKey } from "../runtime.ts";
import { Alarm, unwatch, watch } from "../watchdog.ts";
import { type ListedModel, readListPage } from "./read-list.ts";

/** For the whole list. It may come late: what is not there in time for one client is there for the next. */
const MAX_LIST_MS = 20_000;
/** The longest lists have some hundred models and a few kilobytes for each. */
const MAX_LIST_BYTES = 16 * 1024 * 1024;
const MAX_PAGES = 20;

/** What came of asking a key for its list. */
export type ListResult =
  | { readonly kind: "listed"; readonly models: ReadonlyMap<string, ListedModel> }
  /** `outcome` is what that says of the key; `reason` is for people; `isNoList`: a fine answer, but no list. */
  | {
      readonly kind: "failed";
      readonly outcome: Outcome;
      readonly reason: string;
      readonly isNoList: boolean;
    };

/** Asks a key's provider for all of its models, page after page. Never throws for anything that an upstream does. */
export async function askForList(
  key: UpstreamKey,
  call: FreeCall,
  timeouts: RotationConfig["timeouts"],
): Promise<ListResult> {
  const abort = new AbortController();
  let timedOut = false;
  const deadline = new Alarm(Date.now() + MAX_LIST_MS, () => {
    timedOut = true;
    abort.abort();
  });
  watch(deadline);
  try {
    const result = await readPages(key, call, timeouts, abort);
    return timedOut ? failed(UNKNOWN, `no list within ${MAX_LIST_MS / 1000} s`) : result;
  } finally {
    unwatch(deadline);
  }
}

async function readPages(
  key: UpstreamKey,
  call: FreeCall,
  timeouts: RotationConfig["timeouts"],
  abort: AbortController,
): Promise<ListResult> {
  const models = new Map<string, ListedModel>();
  let { query } = call;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const { outcome, answer } = await attempt(key, freeRequest(key, { ...call, query }), timeouts, abort);
    if (outcome.kind !== "served" || answer === undefined) return failed(outcome, reasonOf(outcome, answer));
    const bytes = await readWhole(answer, MAX_LIST_BYTES);
    const page = bytes && readListPage(bytes);
    if (page === undefined) return failed(UNKNOWN, `HTTP ${answer.status} without a list of models`, true);
    for (const model of page.models) if (!models.has(model.id)) models.set(model.id, model);
    if (page.next === undefined) break;
    const next = new URLSearchParams(call.query);
    next.set(...page.next);
    query = `?${next}`;
  }
  return { kind: "listed", models };
}

/** Nothing is to be learned of the key. */
const UNKNOWN: Outcome = { kind: "client-error" };

function failed(outcome: Outcome, reason: string, isNoList = false): ListResult {
  return { kind: "failed", outcome, reason, isNoList };
}

function reasonOf(outcome: Outcome, answer: Answer | undefined): string {
  if (answer !== undefined) return `HTTP ${answer.status}`;
  return outcome.kind === "upstream-failure" ? outcome.reason : outcome.kind;
}
