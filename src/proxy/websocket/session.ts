import type { SessionRecord } from "../../observe/records.ts";
import type { Outcome } from "../../providers/outcome.ts";
import { tellBug } from "../bug.ts";
import { endExchange, type Exchange, whyGone } from "../exchange.ts";
import type { AnswerStart } from "../judge.ts";
import { learnAndTell } from "../learn-and-tell.ts";
import { maskSecret } from "../mask-secret.ts";
import { noteSaid } from "../owners/note-answer.ts";
import type { UpstreamKey } from "../runtime.ts";
import { type ClientSide, type ClientSocket } from "./client-side.ts";
import { BROKEN_OFF, brokenOff, isClean, OWN_FAULT, SHUT_DOWN, type SocketEnd } from "./close-code.ts";
import { judgeEnd, judgeMessage } from "./first-words.ts";
import { PingsUnderWay } from "./pings-under-way.ts";
import { Pulse } from "./pulse.ts";
import { Tally } from "./tally.ts";
import type { Turns } from "./turns.ts";
import type { Message, UpstreamListener, UpstreamSocket } from "./upstream-socket.ts";

/** What may wait for the upstream before the client is read no further. */
const MAX_WAITING_BYTES = 256 * 1024;

/**
 * A WebSocket between a client and the upstream that accepted it: each message goes to the other side whole
 * and as it came, at the pace of the slower one, and the end of one side is the end of the other.
 */
export class Session implements ClientSide, UpstreamListener {
  readonly #exchange: Exchange;
  readonly #key: UpstreamKey;
  readonly #upstream: UpstreamSocket;
  readonly #start: AnswerStart;
  readonly #turns: Turns | undefined;
  readonly #tally = new Tally();
  readonly #pings = new PingsUnderWay();
  readonly #pulse: Pulse;
  #client: ClientSocket | undefined;
  #ended = false;

  /** @param turns  looks at what the client sends, where each message is a request of its own */
  constructor(
    exchange: Exchange,
    key: UpstreamKey,
    upstream: UpstreamSocket,
    start: AnswerStart,
    turns: Turns | undefined,
  ) {
    this.#exchange = exchange;
    this.#key = key;
    this.#upstream = upstream;
    this.#start = start;
    this.#turns = turns;
    this.#pulse = new Pulse(
      exchange.runtime.config.rotation.timeouts.idleMs,
      () => upstream.ping(undefined),
      () => this.#breakOff("the upstream fell silent"),
    );
  }

  /** Was sent before the session began. */
  countFirst(message: Buffer): void {
    this.#tally.sent(message);
  }

  opened(client: ClientSocket): void {
    this.#client = client;
    this.#upstream.listen(this);
  }

  fromClient(message: string | Buffer): void {
    // Said before it heard of the end.
    if (this.#ended) return;
    const checked = this.#turns === undefined ? { send: message } : this.#turns.check(message);
    if ("refuse" in checked) {
      this.#client?.send(checked.refuse);
      return;
    }
    this.#tally.sent(checked.send);
    this.#upstream.send(checked.send);
    if (this.#upstream.waitingBytes > MAX_WAITING_BYTES) this.#client?.pause();
  }

  sentToUpstream(): void {
    if (this.#client?.isPaused === true && this.#upstream.waitingBytes <= MAX_WAITING_BYTES)
      this.#client.resume();
  }

  fromUpstream(message: Message): void {
    this.#pulse.heard();
    this.#tally.received(message);
    if (this.#turns !== undefined) noteSaid(this.#exchange, this.#key, message.data);
    const data = this.#learnFrom(message);
    const status = message.isText ? this.#client?.sendText(data.toString()) : this.#client?.sendBinary(data);
    if (status !== BACKPRESSURE) return;
    this.#upstream.pause();
    this.#pulse.suspend();
  }

  drained(): void {
    if (this.#ended) return;
    this.#pulse.heard();
    this.#upstream.resume();
  }

  /** Goes on, so that the upstream hears of a client that has nothing to say; Bun has answered it. */
  pingFromClient(data: Buffer): void {
    // What waits for the upstream tells it as much, and pings are sent for nothing.
    if (this.#upstream.waitingBytes <= MAX_WAITING_BYTES) this.#upstream.ping(data);
  }

  /** Goes on, and is answered by the client's own pong: what vanished is not to pass for alive. */
  pingFromUpstream(data: Buffer): void {
    this.#pulse.heard();
    this.#pings.add(data);
    this.#client?.ping(data);
  }

  pongFromClient(data: Buffer): void {
    if (this.#pings.answeredBy(data)) this.#upstream.pong(data);
  }

  pongFromUpstream(): void {
    this.#pulse.heard();
  }

  clientEnded(code: number, reason: string): void {
    if (this.#ended) return;
    const { killed } = this.#exchange.serving;
    const end = killed ? SHUT_DOWN : { code, reason };
    this.#upstream.end(end);
    const error = killed || code === BROKEN_OFF ? whyGone(this.#exchange) : undefined;
    this.#finish(killed ? "keycycle" : "client", end, error);
  }

  upstreamEnded(end: SocketEnd): void {
    if (this.#ended) return;
    const key = this.#key;
    if (end.code === BROKEN_OFF) {
      this.#breakOff(`the upstream broke off${end.reason === "" ? "" : ` (${end.reason})`}`);
      return;
    }
    this.#learn(judgeEnd(key, end, Date.now()));
    const reason = maskSecret(Buffer.from(end.reason), key.config.secret).toString();
    this.#finish("upstream", end, isClean(end) ? undefined : `closed by the upstream with ${end.code}`);
    this.#client?.close(end.code, reason);
  }

  failed(error: unknown): void {
    tellBug(error, this.#exchange.log, this.#exchange.id);
    if (this.#ended) return;
    this.#upstream.end(OWN_FAULT);
    this.#finish("keycycle", OWN_FAULT, "internal_error");
    this.#client?.close(OWN_FAULT.code, OWN_FAULT.reason);
  }

  /** The client is gone, or none of its socket was to be had. */
  abandon(): void {
    this.#upstream.end({ code: BROKEN_OFF, reason: "" });
    this.#finish("client", { code: BROKEN_OFF, reason: "" }, whyGone(this.#exchange));
  }

  #breakOff(reason: string): void {
    if (this.#ended) return;
    const end = brokenOff(reason);
    learnAndTell(this.#exchange, this.#key, { kind: "upstream-failure", reason });
    this.#upstream.end({ code: BROKEN_OFF, reason });
    this.#finish("upstream", end, reason);
    this.#client?.close(end.code, end.reason);
  }

  /** @returns what is passed on: the same, but for a key that an error repeats */
  #learnFrom(message: Message): Buffer {
    const key = this.#key;
    const outcome = judgeMessage(key, message, Date.now());
    this.#learn(outcome);
    return outcome === undefined ? message.data : maskSecret(message.data, key.config.secret);
  }

  /** What a session tells of its key in its middle; anything else may be about what the client just asked. */
  #learn(outcome: Outcome | undefined): void {
    const { bound } = this.#exchange;
    const isOfKey = outcome?.kind === "dead" && outcome.certain && bound?.token === undefined;
    if (isOfKey || outcome?.kind === "limited" || outcome?.kind === "spent" || outcome?.kind === "overloaded")
      learnAndTell(this.#exchange, this.#key, outcome);
  }

  #finish(endedBy: SessionRecord["endedBy"], { code }: SocketEnd, error: string | undefined): void {
    this.#ended = true;
    this.#pulse.end();
    const { usage, counts } = this.#tally;
    endExchange(this.#exchange, {
      ...this.#start,
      usage,
      error,
      session: { ...counts, closeCode: code, endedBy },
    });
  }
}

/** What Bun's `send` returns where the message waits. */
const BACKPRESSURE = -1;
