import type { Log } from "../observe/log.ts";
import type { AttemptRecord, SessionRecord } from "../observe/records.ts";
import type { Api } from "../providers/api.ts";
import type { TokenUsage } from "../providers/outcome.ts";
import { type Affinity, placementOf } from "../rotation/affinity.ts";
import { settleTokens } from "../rotation/limits/bounds.ts";
import { release, type Reservation } from "../rotation/reserve.ts";
import { returnAbortController } from "./abort-controllers.ts";
import type { Attempt } from "./attempt.ts";
import type { Bound } from "./ephemeral/bind.ts";
import type { LongRequest } from "./long-request.ts";
import type { Owned } from "./owners/owned.ts";
import type { RequestSize } from "./request-size.ts";
import type { Allowance, Runtime } from "./runtime.ts";
import type { Serving } from "./serving.ts";
import type { Upload } from "./upload.ts";
import { unwatch } from "./watchdog.ts";

/** One request and its answer, from arrival to the last byte. */
export interface Exchange {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly arrivedMs: number;
  readonly request: Request;
  /** Whether what is not for an upstream is gone from the request's headers (`clearHeaders`). */
  isCleared: boolean;
  /** As received, but for the mount that it was sent to (`mountOf`); begins with a slash. */
  readonly path: string;
  /** With its question mark, or "". */
  readonly query: string;
  readonly api: Api;
  /** The configuration in force when the request arrived. */
  readonly runtime: Runtime;
  readonly serving: Serving;
  readonly log: Log;
  readonly attempts: AttemptRecord[];
  /** It was answered to the end, and logged. */
  isOver: boolean;
  client: string;
  /** Under way where an alias was asked for. */
  model: string;
  /** What its tokens are estimated from. */
  size: RequestSize;
  /** Undefined where it belongs with no other request, or they are not to be kept together. */
  affinity: Affinity | undefined;
  /** What was asked for, where that stands for models; undefined where it was the model. */
  alias: string | undefined;
  /** What it has to do with things of one account; undefined where nothing. */
  owned: Owned | undefined;
  /** Ends the attempt under way; called when the client goes away. */
  abort: AbortController | undefined;
  clientGone: boolean;
  /** Set while it is looked at whether the request lasts. */
  watched: LongRequest | undefined;
  /** Room that the attempt under way, and then the answer, holds on its key. */
  reservation: Reservation | undefined;
  /** In place of the usual `attempt`, where it is to become a WebSocket or carries a token of its own. */
  attempt: Attempt | undefined;
  /** The only key that can serve it; undefined where any may. */
  bound: Bound | undefined;
  /** What it holds of its client's limits until its end. */
  held: { readonly allowance: Allowance; readonly tokens: number; readonly sinceMs: number } | undefined;
  /** Its body, where that is sent while it arrives. */
  upload: Upload | undefined;
}

/** How an exchange ended, for the log. */
export interface ExchangeEnd {
  readonly status: number;
  /** Name of the key whose answer was relayed; "" for an answer of our own. */
  readonly key: string;
  /** Epoch milliseconds at which the answer's first byte was there. */
  readonly firstByteMs: number;
  readonly upstreamRequestId?: string | undefined;
  usage?: TokenUsage | undefined;
  error?: string | undefined;
  /** What went over it, where it became a WebSocket. */
  readonly session?: SessionRecord | undefined;
}

/** Why nobody takes the answer any more, for the log. */
export function whyGone({ serving }: Exchange): string {
  return serving.killed ? "KeyCycle shut down" : "client went away";
}

/**
 * Whether the client has left. For when something went wrong: an upload that its client breaks off looks
 * like a failing upstream. Before that the signal is not worth its price (`LongRequest`).
 */
export function hasLeft(exchange: Exchange): boolean {
  exchange.clientGone ||= exchange.request.signal.aborted;
  return exchange.clientGone;
}

/** As far as is known; undefined where an answer does not say, which leaves what was reserved. */
function tokensUsed({ runtime, api, model, size }: Exchange, { usage, status }: ExchangeEnd) {
  if (usage !== undefined) return usage.inputTokens + usage.outputTokens;
  if (status < 400) return undefined;
  // What a client gave up may have been worked on, but hardly to the most that it allowed.
  return status === 499 ? runtime.tokenTrends.estimate(api, model, { ...size, askedTokens: undefined }) : 0;
}

/** The end of an exchange, whichever it was: its room is free again, and it is logged. Only the first counts. */
export function endExchange(exchange: Exchange, end: ExchangeEnd): void {
  if (exchange.isOver) return;
  exchange.isOver = true;
  const { reservation, held, runtime, model, abort, watched } = exchange;
  if (watched !== undefined) unwatch(watched);
  exchange.upload?.letGo();
  if (abort !== undefined) {
    exchange.abort = undefined;
    returnAbortController(abort);
  }
  const used = tokensUsed(exchange, end);
  if (held !== undefined) {
    held.allowance.inFlight -= 1;
    if (used !== undefined) settleTokens(held.allowance.bounds, held.tokens, held.sinceMs, used, Date.now());
  }
  if (reservation !== undefined) {
    release(reservation, used, Date.now());
    // What many responses used together says nothing of one.
    if (end.usage !== undefined && end.session === undefined)
      runtime.tokenTrends.observe(model, exchange.size, end.usage);
    runtime.waiting.poke();
  }
  exchange.log.request({
    at: exchange.arrivedMs,
    id: exchange.id,
    method: exchange.request.method,
    path: runtime.secrets.hide(exchange.path),
    model: exchange.model,
    alias: exchange.alias,
    client: exchange.client,
    key: end.key,
    affinity: placementOf(exchange.affinity, end.key),
    status: end.status,
    attempts: exchange.attempts,
    ttfbMs: end.firstByteMs - exchange.arrivedMs,
    durationMs: Date.now() - exchange.arrivedMs,
    usage: end.usage,
    upstreamRequestId: end.upstreamRequestId,
    error: end.error,
    session: end.session,
  });
}
