import type { LogLevel } from "../config/config.ts";
import type { TokenUsage } from "../providers/outcome.ts";

/** One attempt on an upstream, for whoever asks why a request took its way. */
export interface AttemptRecord {
  /** Name of the key. */
  readonly key: string;
  /** Kind of the outcome, e.g. `limited`. */
  readonly outcome: string;
  /** HTTP status of the upstream; undefined where it gave no answer. */
  readonly status: number | undefined;
  readonly durationMs: number;
}

/** An attempt, told as soon as it is over. */
export interface AttemptEvent extends AttemptRecord {
  readonly at: number;
  /** Of the request. */
  readonly id: string;
}

/** One request, when it is over. */
export interface RequestRecord {
  /** Arrival, epoch milliseconds. */
  readonly at: number;
  readonly id: string;
  readonly method: string;
  /** Without the query, which may hold a credential. */
  readonly path: string;
  /** "" where the request named none. */
  readonly model: string;
  /** What the request named instead; undefined where that was the model. */
  readonly alias: string | undefined;
  /** "" where it was refused before it was known. */
  readonly client: string;
  /** Name of the key whose answer was relayed; "" for an answer of our own. */
  readonly key: string;
  /** Whether that was the key that the requests of its conversation go to; undefined where it belongs with none. */
  readonly affinity: "hit" | "spill" | undefined;
  readonly status: number;
  readonly attempts: readonly AttemptRecord[];
  /** From arrival to the first byte of the answer. */
  readonly ttfbMs: number;
  readonly durationMs: number;
  readonly usage: TokenUsage | undefined;
  /** The upstream's own id of the request, for its support. */
  readonly upstreamRequestId: string | undefined;
  /** Why the request did not end well; undefined where it did. */
  readonly error: string | undefined;
  /** Undefined where it did not become a WebSocket. */
  readonly session: SessionRecord | undefined;
}

/** What went over a WebSocket, and how it ended. */
export interface SessionRecord {
  /** From the client to the upstream. */
  readonly messagesSent: number;
  readonly bytesSent: number;
  /** From the upstream to the client. */
  readonly messagesReceived: number;
  readonly bytesReceived: number;
  /** RFC 6455 §7.4; 1006 where the connection broke off. */
  readonly closeCode: number;
  readonly endedBy: "client" | "upstream" | "keycycle";
}

/** A key's state became another. */
export interface KeyEvent {
  readonly at: number;
  readonly level: Exclude<LogLevel, "silent">;
  readonly key: string;
  /** "" where it concerns every model. */
  readonly model: string;
  readonly state: string;
  readonly untilMs: number | undefined;
  readonly reason: string | undefined;
}

export interface Message {
  readonly at: number;
  readonly level: Exclude<LogLevel, "silent">;
  readonly text: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}
