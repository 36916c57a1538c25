import { type RawData, WebSocket } from "ws";

import { codeOf } from "../../error.ts";
import { Alarm, unwatch, watch } from "../watchdog.ts";
import { closeFrame, type SocketEnd } from "./close-code.ts";

/** How long an upstream may take to answer a close frame; its answer changes nothing any more. */
const CLOSE_TIMEOUT_MS = 2_000;

/** A message, whole; text is UTF-8. */
export interface Message {
  readonly data: Buffer;
  readonly isText: boolean;
}

export interface UpstreamListener {
  fromUpstream(message: Message): void;
  pingFromUpstream(data: Buffer): void;
  pongFromUpstream(): void;
  /** What had been sent is in the hands of the system. */
  sentToUpstream(): void;
  /** Once, the last. */
  upstreamEnded(end: SocketEnd): void;
  /** KeyCycle itself failed on one of these. */
  failed(error: unknown): void;
}

/** The upstream's side of a session. What arrives before anybody listens is kept. */
export class UpstreamSocket {
  readonly #socket: WebSocket;
  readonly #early: Message[] = [];
  #listener: UpstreamListener | undefined;
  #end: SocketEnd | undefined;
  #onFirst: (() => void) | undefined;
  #isPaused = false;

  /** @param socket  from before it is open, so that nothing that arrives with the handshake's answer is missed */
  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data, isBinary) => this.#receive({ data: bufferOf(data), isText: !isBinary }));
    socket.on("ping", (data) => this.#tell((listener) => listener.pingFromUpstream(data)));
    socket.on("pong", () => this.#tell((listener) => listener.pongFromUpstream()));
    // Of a frame that breaks the rules, for one; the end follows.
    let fault = "";
    socket.on("error", (error) => {
      fault = codeOf(error);
    });
    socket.on("close", (code, reason) => this.#ended({ code, reason: reason.toString() || fault }));
  }

  /** The subprotocol that the upstream chose; "" for none. */
  get subprotocol(): string {
    return this.#socket.protocol;
  }

  /** Bytes that were sent and wait for the upstream to take them. */
  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /**
   * Waits for the first message, or the end, and then reads no further until `listen`.
   *
   * @param deadlineMs  epoch milliseconds
   * @param signal      ends the wait
   * @returns undefined where nothing came in time
   */
  async firstWords(deadlineMs: number, signal: AbortSignal): Promise<Message | SocketEnd | undefined> {
    if (this.#early.length === 0 && this.#end === undefined && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timeout = new Alarm(deadlineMs, resolve);
      watch(timeout);
      const giveUp = () => resolve();
      signal.addEventListener("abort", giveUp);
      this.#onFirst = resolve;
      await promise;
      this.#onFirst = undefined;
      signal.removeEventListener("abort", giveUp);
      unwatch(timeout);
    }
    return this.#early[0] ?? this.#end;
  }

  /** Hands over what has arrived, and all that does from now on. */
  listen(listener: UpstreamListener): void {
    this.#listener = listener;
    for (const message of this.#early.splice(0)) listener.fromUpstream(message);
    if (this.#end !== undefined) listener.upstreamEnded(this.#end);
    else if (!this.#isPaused) this.#socket.resume();
  }

  send(data: string | Buffer): void {
    this.#socket.send(data, this.#sent);
  }

  readonly #sent = (): void => this.#tell((listener) => listener.sentToUpstream());

  ping(data: Buffer | undefined): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping(data);
  }

  pong(data: Buffer): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.pong(data);
  }

  /** Reads no further, which also means that no end of it is noticed. */
  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** Ends it as the other side did: a close frame where that sent one, else the connection breaks off. */
  end(end: SocketEnd): void {
    this.#listener = undefined;
    const socket = this.#socket;
    const frame = closeFrame(end);
    if (frame === undefined || socket.readyState !== WebSocket.OPEN) {
      socket.terminate();
      return;
    }
    socket.close(frame.code, frame.reason);
    // Paused, it would not see the answer.
    socket.resume();
    const timeout = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
    socket.on("close", () => clearTimeout(timeout));
  }

  #receive(message: Message): void {
    if (this.#listener !== undefined) {
      this.#tell((listener) => listener.fromUpstream(message));
      return;
    }
    // Nobody wants it any more.
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.pause();
    this.#early.push(message);
    this.#onFirst?.();
  }

  #ended(end: SocketEnd): void {
    this.#end = end;
    this.#onFirst?.();
    this.#tell((listener) => listener.upstreamEnded(end));
  }

  /** What an event throws would end the process. */
  #tell(tell: (listener: UpstreamListener) => void): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    try {
      tell(listener);
    } catch (error) {
      listener.failed(error);
    }
  }
}

function bufferOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
