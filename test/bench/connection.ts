import type { Socket } from "bun";

import { AnswerReader } from "./answer-reader.ts";

/** When an exchange's parts happened, in milliseconds of `performance.now()`. */
export interface Timing {
  readonly sentAt: number;
  readonly firstByteAt: number;
  readonly endedAt: number;
}

interface Pending {
  readonly reader: AnswerReader;
  readonly sentAt: number;
  firstByteAt: number;
  resolve(timing: Timing): void;
  reject(error: unknown): void;
}

/** A keep-alive client connection on a raw socket; `fetch` would be slower than what it measures. */
export class Connection {
  readonly #socket: Socket;
  #pending: Pending | undefined;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<Connection> {
    let connection: Connection | undefined;
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (_, segment) => connection?.onData(segment),
        close: () => connection?.onEnd(new Error("The connection was closed")),
        error: (_, error) => connection?.onEnd(error),
      },
    });
    connection = new Connection(socket);
    return connection;
  }

  /**
   * One request and its answer.
   *
   * @param body  what the answer has to be
   * @throws where the answer is another, or breaks off
   */
  async exchange(request: Buffer, body: Buffer): Promise<Timing> {
    if (this.#closed) throw new Error("The connection was closed before the request");
    const { promise, resolve, reject } = Promise.withResolvers<Timing>();
    this.#pending = {
      reader: new AnswerReader(body),
      sentAt: performance.now(),
      firstByteAt: 0,
      resolve,
      reject,
    };
    if (this.#socket.write(request) !== request.length)
      throw new Error("The request did not fit into the socket");
    return await promise;
  }

  close(): void {
    this.#socket.end();
  }

  private onData(segment: Buffer): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    if (pending.firstByteAt === 0) pending.firstByteAt = performance.now();
    try {
      if (!pending.reader.feed(segment)) return;
    } catch (error) {
      this.onEnd(error);
      return;
    }
    this.#pending = undefined;
    pending.resolve({ sentAt: pending.sentAt, firstByteAt: pending.firstByteAt, endedAt: performance.now() });
  }

  private onEnd(error: unknown): void {
    this.#closed = true;
    this.#pending?.reject(error);
    this.#pending = undefined;
  }
}
