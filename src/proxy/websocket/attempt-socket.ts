import type { RotationConfig } from "../../config/config.ts";
import { codeOf } from "../../error.ts";
import type { Outcome } from "../../providers/outcome.ts";
import { isRetryable } from "../../rotation/retry.ts";
import { AttemptDeadline, failed, type UpstreamRequest } from "../attempt.ts";
import { needsNoProbe, probeConnect, proveReachable } from "../connect-probe.ts";
import { asTokens } from "../ephemeral/bind.ts";
import { type Answer, type AttemptResult, judgeWhole } from "../judge.ts";
import type { UpstreamKey } from "../runtime.ts";
import { unwatch, watch } from "../watchdog.ts";
import type { Beginning } from "./beginning.ts";
import { environmentProxy } from "./environment-proxy.ts";
import { judgeFirstWords } from "./first-words.ts";
import { type Opening, openUpstream } from "./open-upstream.ts";
import type { UpstreamSocket } from "./upstream-socket.ts";

/** What a WebSocket needs beyond the request that opens it. */
export interface SocketPlan {
  readonly beginning: Beginning;
  /** Those that the client offers the upstream. */
  readonly subprotocols: readonly string[];
  /** What it presents to the upstream is not the key's secret. */
  readonly hasOwnToken: boolean;
  /** Of one message from the upstream. */
  readonly maxMessageBytes: number;
  /** Whether the client's first message, where that is waited for, came as text. */
  isText(): boolean;
  /** Makes a session of the client and an upstream that has accepted. */
  begin(socket: UpstreamSocket, key: UpstreamKey, ...answered: BeginArguments): Response;
}

type BeginArguments = Parameters<Extract<Answer["body"], { kind: "socket" }>["begin"]>;

/**
 * As `attempt`, for a WebSocket: the handshake, and what has to be said and heard until it is known whether
 * the upstream takes the key.
 */
export async function attemptSocket(
  plan: SocketPlan,
  key: UpstreamKey,
  request: UpstreamRequest,
  timeouts: RotationConfig["timeouts"],
  abort: AbortController,
): Promise<AttemptResult> {
  const { connectMs, firstByteMs } = timeouts;
  const deadline = new AttemptDeadline(abort, firstByteMs, Date.now());
  watch(deadline);
  try {
    const opening = await open(plan, key, request, connectMs, deadline, abort.signal);
    const result = await conclude(plan, key, request.body, opening, connectMs, abort.signal);
    if (!abort.signal.aborted || result.answer !== undefined) return result;
    return deadline.reason === undefined ? ABANDONED : failed(deadline.reason);
  } catch (error) {
    return failed(codeOf(error));
  } finally {
    unwatch(deadline);
  }
}

async function open(
  { subprotocols, maxMessageBytes }: SocketPlan,
  key: UpstreamKey,
  { url, headers }: UpstreamRequest,
  connectMs: number,
  deadline: AttemptDeadline,
  signal: AbortSignal,
): Promise<Opening> {
  const handshake = {
    url,
    headers: Object.fromEntries([...headers].filter(([name]) => !OF_THE_CONNECTION.has(name))),
    subprotocols,
    proxy: key.config.proxy ?? environmentProxy(url, process.env),
    maxMessageBytes,
  };
  const now = Date.now();
  const endProbe = needsNoProbe(key.dialed, now)
    ? undefined
    : probeConnect(key.dialed, connectMs, now, () =>
        deadline.giveUp(`no connection within ${connectMs / 1000} s`),
      );
  const opening = await openUpstream(handshake, signal);
  endProbe?.();
  if (opening.kind !== "failed") proveReachable(key.dialed, now);
  return opening;
}

/** Each connection has its own (RFC 6455 §11.3); what stands in the subprotocols is set apart from them. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  "sec-websocket-key",
  "sec-websocket-version",
  "sec-websocket-extensions",
  "content-type",
]);

/** @param greetingMs  how long an upstream that speaks first is waited for before it is taken at its handshake */
async function conclude(
  plan: SocketPlan,
  key: UpstreamKey,
  message: UpstreamRequest["body"],
  opening: Opening,
  greetingMs: number,
  signal: AbortSignal,
): Promise<AttemptResult> {
  switch (opening.kind) {
    case "failed":
      return failed(opening.reason);
    case "refused": {
      const { outcome, answer } = judgeWhole(key, "GET", opening.answer, opening.body);
      if (plan.hasOwnToken) return { outcome: asTokens(outcome), answer };
      // Not what was asked for, but no other key would have it otherwise.
      return { outcome: opening.answer.status < 400 ? CLIENT_ERROR : outcome, answer };
    }
    case "open": {
      const { socket, headers } = opening;
      if (message instanceof Uint8Array) {
        const first = Buffer.from(message);
        socket.send(plan.isText() ? first.toString() : first);
      }
      const deadlineMs =
        plan.beginning === "client-asks" ? Number.POSITIVE_INFINITY : Date.now() + greetingMs;
      const words = plan.beginning === "untold" ? undefined : await socket.firstWords(deadlineMs, signal);
      const judged = words === undefined ? SERVED : judgeFirstWords(key, words, Date.now());
      const outcome = plan.hasOwnToken ? asTokens(judged) : judged;
      const drop = () => socket.end({ code: 1000, reason: "" });
      if (signal.aborted || isRetryable(outcome)) {
        drop();
        return { outcome, answer: undefined };
      }
      const begin = (...answered: BeginArguments) => plan.begin(socket, key, ...answered);
      const body: Answer["body"] = { kind: "socket", begin, drop };
      return { outcome, answer: { status: 101, statusText: "Switching Protocols", headers, body } };
    }
  }
}

const SERVED: Outcome = { kind: "served" };
const CLIENT_ERROR: Outcome = { kind: "client-error" };

const ABANDONED: AttemptResult = { outcome: { kind: "abandoned" }, answer: undefined };
