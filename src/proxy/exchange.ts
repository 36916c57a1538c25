import type { Log } from "../observe/log.ts";
import type { AttemptRecord } from "../observe/records.ts";
import type { Api } from "../providers/api.ts";
import type { TokenUsage } from "../providers/outcome.ts";
import type { Runtime } from "./runtime.ts";

/** One request and its answer, from arrival to the last byte. */
export interface Exchange {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly arrivedMs: number;
  readonly request: Request;
  /** As received, begins with a slash. */
  readonly path: string;
  /** With its question mark, or "". */
  readonly query: string;
  readonly api: Api;
  /** The configuration in force when the request arrived. */
  readonly runtime: Runtime;
  readonly log: Log;
  readonly attempts: AttemptRecord[];
  client: string;
  model: string;
  /** Ends the attempt under way; called when the client goes away. */
  abort: AbortController | undefined;
  clientGone: boolean;
}

/** How an exchange ended, for the log. */
export interface ExchangeEnd {
  readonly status: number;
  /** Name of the key whose answer was relayed; "" for an answer of our own. */
  readonly key: string;
  /** Epoch milliseconds at which the answer's first byte was there. */
  readonly firstByteMs: number;
  readonly usage?: TokenUsage | undefined;
  readonly upstreamRequestId?: string | undefined;
  readonly error?: string | undefined;
}

export function logEnd(exchange: Exchange, end: ExchangeEnd): void {
  exchange.log.request({
    at: exchange.arrivedMs,
    id: exchange.id,
    method: exchange.request.method,
    path: exchange.path,
    model: exchange.model,
    client: exchange.client,
    key: end.key,
    status: end.status,
    attempts: exchange.attempts,
    ttfbMs: end.firstByteMs - exchange.arrivedMs,
    durationMs: Date.now() - exchange.arrivedMs,
    usage: end.usage,
    upstreamRequestId: end.upstreamRequestId,
    error: end.error,
  });
}
