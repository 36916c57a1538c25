import type { Outcome } from "../providers/outcome.ts";
import { pick } from "../rotation/pick.ts";
import type { Pool } from "../rotation/pool.ts";
import { type AttemptCount, isRetryable, mayAttempt } from "../rotation/retry.ts";
import { attempt, type UpstreamRequest } from "./attempt.ts";
import { answerUpstream } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import { logEnd } from "./exchange.ts";
import { explainExhausted } from "./exhausted.ts";
import { answerError } from "./own-answer.ts";
import type { Answer, AttemptResult } from "./judge.ts";
import { learnAndTell } from "./learn-and-tell.ts";
import type { UpstreamKey } from "./runtime.ts";
import { buildUpstreamRequest } from "./upstream-request.ts";

/** Before the same upstream is asked again after a failure: up to 100 ms, doubling with each, full jitter. */
const RETRY_DELAY_MS = 100;

/**
 * Tries key after key until one answers, and makes that answer the client's.
 *
 * @param body        of the request; a stream can be sent only once, so there is no second attempt
 */
export async function forward(
  exchange: Exchange,
  pool: Pool<UpstreamKey>,
  body: UpstreamRequest["body"],
): Promise<Response> {
  const { rotation } = exchange.runtime.config;
  const tried = new Set<UpstreamKey>();
  const failures = new Map<UpstreamKey, string>();
  const failedUpstreams = new Set<string>();
  const count: AttemptCount = { total: 0, failures: 0 };
  let refused: { key: UpstreamKey; answer: Answer } | undefined;

  while (mayAttempt(count, rotation, exchange.arrivedMs, Date.now())) {
    const key = pick(
      pool,
      exchange.runtime.strategy,
      { keys: tried, failedUpstreams },
      Date.now(),
      Math.random,
    );
    if (key === undefined) break;
    if (failedUpstreams.has(key.upstream))
      await Bun.sleep(Math.random() * RETRY_DELAY_MS * 2 ** count.failures);
    if (exchange.clientGone) return answerGone(exchange);

    const startedMs = Date.now();
    exchange.abort = new AbortController();
    const request = buildUpstreamRequest(exchange, key, body);
    const result = await attempt(key, request, rotation.timeouts, exchange.abort);
    const { outcome, answer } = settle(exchange, key, result, startedMs);
    if (outcome.kind === "abandoned") return answerGone(exchange);
    if (answer !== undefined && !isRetryable(outcome)) return answerUpstream(exchange, key, answer);

    tried.add(key);
    count.total += 1;
    discard(refused?.answer);
    refused = answer !== undefined && speaksForItself(outcome, exchange.model) ? { key, answer } : undefined;
    if (refused === undefined) discard(answer);
    if (outcome.kind === "upstream-failure") {
      count.failures += 1;
      failures.set(key, outcome.reason);
      failedUpstreams.add(key.upstream);
    }
    if (body instanceof ReadableStream) break;
  }
  // A stumbling upstream's own words say more than ours would.
  if (refused !== undefined) return answerUpstream(exchange, refused.key, refused.answer);
  const { error, retryAfterMs } = explainExhausted(pool, failures, Date.now());
  return answerError(exchange, error, retryAfterMs);
}

/** Records an attempt and learns from it. */
function settle(
  exchange: Exchange,
  key: UpstreamKey,
  result: AttemptResult,
  startedMs: number,
): AttemptResult {
  const { outcome, answer } = result;
  exchange.attempts.push({
    key: key.name,
    outcome: outcome.kind,
    status: answer?.status,
    durationMs: Date.now() - startedMs,
  });
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
}

/** Nobody reads this; 499 is what the field's logs call it (nginx). */
function answerGone(exchange: Exchange): Response {
  logEnd(exchange, { status: 499, key: "", firstByteMs: Date.now(), error: "client went away" });
  return new Response(null, { status: 499 });
}
