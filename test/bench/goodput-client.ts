import type { Arrival } from "./goodput-arrivals.ts";
import { CHAT_PATH, chatBody } from "./goodput-upstreams.ts";

/** More than the proxy's own longest wait, so that whoever gets no answer by then never would. */
export const PATIENCE_MS = 17_000;

/** What became of one request. */
export interface Answered {
  readonly arrival: Arrival;
  /** From its arrival as planned to the end of the answer, so that a late sender does not look like a fast proxy. */
  readonly tookMs: number;
  /** 0: no answer at all. */
  readonly status: number;
  /** When a refused client was told to come back; undefined where it was not. */
  readonly retryAfterMs: number | undefined;
}

/** A refused client that came back exactly when it was told to. */
export interface Return {
  readonly status: number;
  readonly tookMs: number;
}

export interface Driven {
  readonly answers: readonly Answered[];
  readonly returns: readonly Return[];
  /** How late requests were sent, milliseconds: how far the bench itself was held up. */
  readonly latenessMs: readonly number[];
}

/** One in so many refused clients comes back; more would be a load of their own. */
const RETURNS_ONE_IN = 3;
const MAX_RETURNS = 200;

/**
 * Sends each request when it is due, however the ones before it fare, and waits for the last answer.
 *
 * @param startAt  of the run, in `performance.now()`
 * @param measuredFromMs  only those refused after the warm-up come back
 */
export async function openLoop(
  url: string,
  arrivals: readonly Arrival[],
  startAt: number,
  measuredFromMs: number,
): Promise<Driven> {
  const returns: Return[] = [];
  const latenessMs: number[] = [];
  const endMs = arrivals.at(-1)?.atMs ?? 0;
  let refusals = 0;

  const comeBack = async (arrival: Arrival, hintMs: number): Promise<void> => {
    await Bun.sleep(hintMs);
    const sentAt = performance.now();
    const { status } = await send(url, arrival);
    returns.push({ status, tookMs: performance.now() - sentAt });
  };
  const one = async (arrival: Arrival): Promise<{ answered: Answered; back: Promise<void> | undefined }> => {
    const { status, retryAfterMs } = await send(url, arrival);
    const nowMs = performance.now() - startAt;
    const answered = { arrival, tookMs: nowMs - arrival.atMs, status, retryAfterMs };
    const isMeasured = status === 429 && retryAfterMs !== undefined && arrival.atMs >= measuredFromMs;
    // Coming back after the last arrival would find everything free.
    if (!isMeasured || nowMs + retryAfterMs > endMs) return { answered, back: undefined };
    refusals += 1;
    const comes = refusals % RETURNS_ONE_IN === 1 && refusals < RETURNS_ONE_IN * MAX_RETURNS;
    return { answered, back: comes ? comeBack(arrival, retryAfterMs) : undefined };
  };

  const underWay: ReturnType<typeof one>[] = [];
  for (const arrival of arrivals) {
    const dueInMs = startAt + arrival.atMs - performance.now();
    if (dueInMs > 0) await Bun.sleep(dueInMs);
    latenessMs.push(Math.max(0, performance.now() - startAt - arrival.atMs));
    underWay.push(one(arrival));
  }
  const all = await Promise.all(underWay);
  await Promise.all(all.map(({ back }) => back));
  return { answers: all.map(({ answered }) => answered), returns, latenessMs };
}

async function send(
  url: string,
  arrival: Arrival,
): Promise<{ status: number; retryAfterMs: number | undefined }> {
  try {
    const answer = await fetch(url + CHAT_PATH, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: chatBody(arrival),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.arrayBuffer();
    return { status: answer.status, retryAfterMs: retryAfterMsOf(answer.headers) };
  } catch {
    return { status: 0, retryAfterMs: undefined };
  }
}

function retryAfterMsOf(headers: Headers): number | undefined {
  const ms = headers.get("retry-after-ms");
  if (ms !== null) return Number(ms);
  const seconds = headers.get("retry-after");
  return seconds === null ? undefined : Number(seconds) * 1_000;
}
