import type { TokenUsage } from "../../providers/outcome.ts";
import { readUsage } from "../usage.ts";
import type { Message } from "./upstream-socket.ts";

/** What went over a WebSocket. */
export interface TrafficCounts {
  /** From the client to the upstream. */
  readonly messagesSent: number;
  readonly bytesSent: number;
  /** From the upstream to the client. */
  readonly messagesReceived: number;
  readonly bytesReceived: number;
}

/** The type stands at the beginning of an event, before an id or two. */
const TYPE_BYTES = 128;

/** Events that end a response, with what it used: those of Realtime, and of Responses. */
const RESPONSE_ENDS = /"type"\s*:\s*"response\.(?:done|completed|incomplete|failed)"/;

/** In Google's messages, beside whatever they bring. */
const GOOGLE_USAGE = Buffer.from('"usageMetadata"');
const MAX_GOOGLE_BYTES = 16 * 1024;

/** Counts what goes over a WebSocket, and the tokens that its responses say they used. */
export class Tally {
  #messagesSent = 0;
  #bytesSent = 0;
  #messagesReceived = 0;
  #bytesReceived = 0;
  #usage: TokenUsage | undefined;

  sent(message: string | Buffer): void {
    this.#messagesSent += 1;
    this.#bytesSent += Buffer.byteLength(message);
  }

  received({ data }: Message): void {
    this.#messagesReceived += 1;
    this.#bytesReceived += data.length;
    if (!endsResponse(data)) return;
    const used = readUsage(data.toString());
    if (used === undefined) return;
    const { inputTokens, outputTokens } = this.#usage ?? NOTHING_USED;
    this.#usage = {
      inputTokens: inputTokens + used.inputTokens,
      outputTokens: outputTokens + used.outputTokens,
    };
  }

  get counts(): TrafficCounts {
    return {
      messagesSent: this.#messagesSent,
      bytesSent: this.#bytesSent,
      messagesReceived: this.#messagesReceived,
      bytesReceived: this.#bytesReceived,
    };
  }

  /** Of all responses together; undefined where none has told. */
  get usage(): TokenUsage | undefined {
    return this.#usage;
  }
}

const NOTHING_USED: TokenUsage = { inputTokens: 0, outputTokens: 0 };

function endsResponse(data: Buffer): boolean {
  if (RESPONSE_ENDS.test(data.toString("latin1", 0, TYPE_BYTES))) return true;
  return data.length <= MAX_GOOGLE_BYTES && data.includes(GOOGLE_USAGE);
}
