import type { Outcome } from "../providers/outcome.ts";
import { mayFreeUp, soonest } from "../rotation/outlook.ts";
import { pick } from "../rotation/pick.ts";
import type { Pool } from "../rotation/pool.ts";
import { release, type Reservation, reserve, settle } from "../rotation/reserve.ts";
import { type AttemptCount, isRetryable, leavesToNext, mayAttempt } from "../rotation/retry.ts";
import { takeAbortController } from "./abort-controllers.ts";
import { answerUpstream } from "./answer.ts";
import { attempt, type UpstreamRequest } from "./attempt.ts";
import { refusalOf } from "./body-refusal.ts";
import type { Chain } from "./chain.ts";
import { turnAt } from "./come-back.ts";
import { endExchange, type Exchange, hasLeft, whyGone } from "./exchange.ts";
import { explainSearch } from "./explain-chain.ts";
import type { Answer, AttemptResult } from "./judge.ts";
import { learnAndTell } from "./learn-and-tell.ts";
import { answerError } from "./own-answer.ts";
import { explainOwner } from "./owners/explain-owner.ts";
import { bringLinksBack, mayHoldLinks } from "./owners/links.ts";
import { endOfSeek, goesOnSeeking } from "./owners/seek.ts";
import { spentOwner } from "./owners/spent-owner.ts";
import type { UpstreamKey } from "./runtime.ts";
import { Search } from "./search.ts";
import { buildUpstreamRequest } from "./upstream-request.ts";

const ABANDONED: AttemptResult = { outcome: { kind: "abandoned" }, answer: undefined };

/** Before the same upstream is asked again after a failure: up to 100 ms, doubling with each, full jitter. */
const RETRY_DELAY_MS = 100;

/**
 * Tries key after key until one answers, and makes that answer the client's. Where all are limited, waits
 * for the first that recovers.
 *
 * @param body    of the request; an upload that is no longer held (`exchange.upload`) has no second attempt
 * @param tokens  that the request is likely to count against a limit
 * @param chain   where an alias was asked for: when no key can serve its model in time, the next is tried
 */
export async function forward(
  exchange: Exchange,
  pool: Pool<UpstreamKey>,
  body: UpstreamRequest["body"],
  tokens: number,
  chain: Chain | undefined,
): Promise<Response> {
  const { rotation } = exchange.runtime.config;
  const { budget } = exchange.runtime;
  const search = new Search(exchange, chain, pool, body, tokens);
  const count: AttemptCount = { total: 0, failures: 0 };
  let refused: { key: UpstreamKey; answer: Answer } | undefined;
  budget.countRequest(exchange.arrivedMs);

  while (mayAttempt(count, rotation, exchange.arrivedMs, Date.now())) {
    const reservation = takeNow(search) ?? (await waitForKey(search));
    exchange.reservation = reservation;
    if (exchange.clientGone) return answerGone(exchange);
    if (reservation === undefined) break;
    const { key } = reservation;
    const isFree = count.failures === 0 || (count.failures === 1 && search.isSoundElsewhere(key));
    if (!isFree && !budget.tryRetry(Date.now())) {
      giveBack(exchange, reservation);
      break;
    }
    if (search.tried.failedUpstreams.has(key.upstream))
      await Bun.sleep(Math.random() * RETRY_DELAY_MS * 2 ** count.failures);

    if (exchange.clientGone) return answerGone(exchange);

    const abort = abortFor(exchange);
    const request = buildUpstreamRequest(exchange, key, body, chain);
    const result = await (exchange.attempt ?? attempt)(key, request, rotation.timeouts, abort);
    const isAbandoned = result.answer === undefined && hasLeft(exchange);
    const { outcome, answer } = learnFrom(exchange, reservation, isAbandoned ? ABANDONED : result);
    if (outcome.kind === "abandoned" || exchange.clientGone) {
      discard(answer);
      return answerGone(exchange);
    }
    const isSought =
      answer !== undefined &&
      exchange.upload?.isHeld !== false &&
      goesOnSeeking(search, key, outcome, answer, Date.now());
    if (answer !== undefined && !isRetryable(outcome) && !isSought) {
      exchange.upload?.letGo();
      return answerUpstream(
        exchange,
        key,
        mayHoldLinks(exchange) ? await bringLinksBack(exchange, key, answer) : answer,
      );
    }

    giveBack(exchange, reservation);
    if (isSought) continue;
    count.total += 1;
    discard(refused?.answer);
    refused = answer !== undefined && speaksForItself(outcome, exchange.model) ? { key, answer } : undefined;
    if (refused === undefined) discard(answer);
    // A limited key is held back by its cooldown, and may be worth waiting for.
    if (outcome.kind !== "limited" && outcome.kind !== "overloaded") search.ruleOut(key);
    if (outcome.kind === "upstream-failure") {
      count.failures += 1;
      search.noteFailure(reservation, outcome.reason);
    } else if (outcome.kind === "overloaded") {
      // All keys of a provider that is short of capacity are in for the same.
      count.failures += 1;
    }
    if (exchange.upload?.isHeld === false) break;
    if (chain !== undefined && leavesToNext(count, rotation, chain.behind.length)) search.turnToNext();
  }
  const seekEnd = endOfSeek(search, Date.now());
  if (seekEnd?.kind === "missing") return answerUpstream(exchange, seekEnd.key, seekEnd.answer);
  if (seekEnd?.kind === "gone") return answerError(exchange, seekEnd.error);
  // A stumbling upstream's own words say more than ours would, but nothing of the models before.
  if (refused !== undefined && (chain?.passed.length ?? 0) === 0)
    return answerUpstream(exchange, refused.key, refused.answer);
  discard(refused?.answer);
  const { error, retryAfterMs } = explainOwner(search, explainSearch(search, Date.now()));
  return answerError(exchange, error, retryAfterMs);
}

function giveBack(exchange: Exchange, reservation: Reservation<UpstreamKey>): void {
  exchange.reservation = undefined;
  release(reservation, 0, Date.now());
  exchange.runtime.waiting.poke();
}

function takeNow(search: Search): Reservation<UpstreamKey> | undefined {
  return search.exchange.runtime.waiting.hasLine(search.pool) ? undefined : tryPick(search, Date.now());
}

function tryPick(search: Search, now: number): Reservation<UpstreamKey> | undefined {
  const { exchange, pool, tokens } = search;
  const key = pick(pool, exchange.runtime.strategy, search, now, Math.random) ?? spentOwner(search, now);
  return key === undefined ? undefined : reserve(key, pool.model, tokens, now);
}

/** A key of the model under way, waited for where need be; where none recovers in time, one of the next model. */
async function waitForKey(search: Search): Promise<Reservation<UpstreamKey> | undefined> {
  for (;;) {
    const waited = await waitInLine(search);
    if (waited !== undefined || search.exchange.clientGone || !search.turnToNext()) return waited;
    const reservation = takeNow(search);
    if (reservation !== undefined) return reservation;
  }
}

/** A place in the line of the pool; undefined at once where no key recovers in time, or the line is full. */
async function waitInLine(search: Search): Promise<Reservation<UpstreamKey> | undefined> {
  const { exchange, pool } = search;
  const { waiting, config } = exchange.runtime;
  const now = Date.now();
  search.waitDeadlineMs ??= now + config.rotation.maxWaitMs;
  search.passOverFailing(now);
  // Who was told to come back has its place, however many wait.
  const isNew = search.sinceMs === exchange.arrivedMs;
  if (isNew && waiting.size >= config.rotation.maxQueue && !waiting.makeRoom(exchange.client))
    return undefined;
  if (soonest(pool, search, now) > search.waitDeadlineMs && !mayFreeUp(pool, search.tried)) return undefined;
  if (turnAt(search, now, true) > search.waitDeadlineMs) return undefined;
  if (exchange.clientGone) return undefined;
  // One that may not use every key again would hold up all who may: it waits by itself.
  const line = search.tried.keys.size === 0 ? pool : search;
  return await waiting.wait(
    line,
    {
      client: exchange.client,
      sinceMs: search.sinceMs,
      tokens: search.tokens,
      deadlineMs: search.waitDeadlineMs,
      tryPick: (at) => tryPick(search, at),
      readyAt: (at) => soonest(pool, search, at),
    },
    abortFor(exchange).signal,
  );
}

/** What ends the exchange's present wait or attempt; another one where an earlier attempt was ended by it. */
function abortFor(exchange: Exchange): AbortController {
  if (exchange.abort === undefined || exchange.abort.signal.aborted) exchange.abort = takeAbortController();
  return exchange.abort;
}

/** Records an attempt and learns from it. */
export function learnFrom(
  exchange: Exchange,
  reservation: Reservation<UpstreamKey>,
  result: AttemptResult,
): AttemptResult {
  const { key, sentMs } = reservation;
  const { outcome, answer } = result;
  const now = Date.now();
  const record = { key: key.name, outcome: outcome.kind, status: answer?.status, durationMs: now - sentMs };
  exchange.attempts.push(record);
  exchange.log.attempt(exchange.id, record);
  const told = answer === undefined ? undefined : key.provider.readLimits(answer.headers, now);
  const opened = settle(reservation, outcome, told, now);
  if (opened) {
    exchange.log.message(
      "warn",
      `The upstream ${key.upstream} keeps failing: nothing is sent to it for a while`,
    );
  }
  learnAndTell(exchange, key, outcome);
  // A refusal that has not been believed yet passes for a failure of the upstream.
  if (outcome.kind === "dead" && key.state.setAside?.kind !== "dead") {
    discard(answer);
    return { outcome: { kind: "upstream-failure", reason: outcome.reason }, answer: undefined };
  }
  return result;
}

/** Whether a refused attempt's answer may be the client's when nothing better comes: never one about our key. */
function speaksForItself(outcome: Outcome, model: string): boolean {
  if (outcome.kind === "unserved-model") return model === "";
  return outcome.kind === "upstream-failure" || outcome.kind === "overloaded";
}

/** Frees the connection of an answer that nobody will read. */
function discard(answer: Answer | undefined): void {
  if (answer?.body.kind === "stream") void answer.body.reader.cancel().catch(() => {});
  if (answer?.body.kind === "socket") answer.body.drop();
}

/** Whose upload is at fault is told so. Nobody reads any other answer; 499 is what the field's logs call it (nginx). */
function answerGone(exchange: Exchange): Response {
  const fault = hasLeft(exchange) ? undefined : exchange.upload?.body.fault;
  if (fault !== undefined) return answerError(exchange, refusalOf(fault, exchange.runtime.config.server));
  endExchange(exchange, { status: 499, key: "", firstByteMs: Date.now(), error: whyGone(exchange) });
  return new Response(null, { status: 499 });
}
