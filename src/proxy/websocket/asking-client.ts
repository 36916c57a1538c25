import { readErrorBody } from "../../providers/error-body.ts";
import { tellBug } from "../bug.ts";
import { endExchange, type Exchange, whyGone } from "../exchange.ts";
import { Alarm, unwatch, watch } from "../watchdog.ts";
import { takesTurns } from "./beginning.ts";
import type { ClientSide, ClientSocket } from "./client-side.ts";
import { closeCodeFor, OWN_FAULT, shortReason } from "./close-code.ts";
import { errorEvent } from "./error-event.ts";
import type { Session } from "./session.ts";

/** What a client may send ahead of its answer before it is read no further. */
const MAX_EARLY_BYTES = 1024 * 1024;

/**
 * A client that has to be accepted before its upstream is found, since only its first message names the
 * model. Until an upstream has taken that, the client's further messages wait here.
 */
export class AskingClient implements ClientSide {
  readonly #exchange: Exchange;
  readonly #serve: (message: Buffer) => Promise<Response>;
  readonly #early: (string | Buffer)[] = [];
  #earlyBytes = 0;
  #socket: ClientSocket | undefined;
  #deadline: Alarm | undefined;
  /** Whether no further message is waited for before something is asked, or it is too late for one. */
  #asked = false;
  #begun = false;
  #first = Buffer.alloc(0);
  /** Whether the first message came as text. */
  isText = true;

  /** @param serve  finds an upstream for the message and calls `begin`, or answers why there is none */
  constructor(exchange: Exchange, serve: (message: Buffer) => Promise<Response>) {
    this.#exchange = exchange;
    this.#serve = serve;
  }

  opened(socket: ClientSocket): void {
    this.#socket = socket;
    const { readTimeoutMs } = this.#exchange.runtime.config.server;
    this.#deadline = new Alarm(Date.now() + readTimeoutMs, () => {
      this.#end(408, "request_timeout");
      socket.close(
        closeCodeFor(408),
        `No message came within ${readTimeoutMs / 1000} s (server.readTimeout).`,
      );
    });
    watch(this.#deadline);
  }

  fromClient(message: string | Buffer): void {
    if (this.#asked) {
      this.#early.push(message);
      this.#earlyBytes += message.length;
      if (this.#earlyBytes > MAX_EARLY_BYTES) this.#socket?.pause();
      return;
    }
    this.#asked = true;
    this.isText = typeof message === "string";
    this.#first = Buffer.from(message);
    if (this.#deadline !== undefined) unwatch(this.#deadline);
    void this.#ask();
  }

  /** An upstream has taken the message: from here on the session has the socket. */
  begin(session: Session): void {
    this.#begun = true;
    if (this.#socket === undefined || this.#exchange.clientGone) {
      session.abandon();
      return;
    }
    session.countFirst(this.#first);
    this.#socket.data = session;
    session.opened(this.#socket);
    for (const message of this.#early) session.fromClient(message);
    session.sentToUpstream();
  }

  drained(): void {}
  pingFromClient(): void {}
  pongFromClient(): void {}

  clientEnded(): void {
    if (this.#deadline !== undefined) unwatch(this.#deadline);
    this.#exchange.clientGone = true;
    this.#exchange.abort?.abort();
    if (!this.#asked) this.#end(499, whyGone(this.#exchange));
  }

  failed(error: unknown): void {
    tellBug(error, this.#exchange.log, this.#exchange.id);
    this.#exchange.abort?.abort();
    this.#end(500, "internal_error");
    this.#socket?.close(OWN_FAULT.code, OWN_FAULT.reason);
  }

  /** Before anything was asked. */
  #end(status: number, error: string): void {
    this.#asked = true;
    endExchange(this.#exchange, { status, key: "", firstByteMs: Date.now(), error });
  }

  async #ask(): Promise<void> {
    const response = await this.#serve(this.#first);
    const socket = this.#socket;
    if (this.#begun || socket === undefined) return;
    const { status } = response;
    const body = await response.text();
    if (takesTurns(this.#exchange.path)) socket.send(errorEvent(status, body));
    const { message } = readErrorBody(body);
    socket.close(closeCodeFor(status), shortReason(message || `The upstream answered ${status}.`));
  }
}
