import type { IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";

import type { Proxy } from "../harness.ts";

/** How a WebSocket ended, as one side saw it. */
export interface End {
  readonly code: number;
  readonly reason: string;
}

/** A message as it came. */
export interface Received {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** One side of a WebSocket: what came to it is kept until it is asked for. */
export class Peer {
  readonly ended: Promise<End>;
  readonly pings: string[] = [];
  readonly pongs: string[] = [];
  readonly #received: Received[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(readonly socket: WebSocket) {
    socket.on("message", (data: Buffer, isBinary) => this.#keep(this.#received, { data, isBinary }));
    socket.on("ping", (data) => this.#keep(this.pings, String(data)));
    socket.on("pong", (data) => this.#keep(this.pongs, String(data)));
    socket.on("error", () => {});
    this.ended = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  /** The next message; rejects where the end comes first. */
  async next(): Promise<Received> {
    await this.until(() => this.#received.length > 0);
    const [received] = this.#received.splice(0, 1);
    return received!;
  }

  /** The next message, as text. */
  async text(): Promise<string> {
    return String((await this.next()).data);
  }

  /** The next message, parsed. */
  async json(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.text());
  }

  /** Waits until something that has come satisfies. */
  async until(satisfied: () => boolean): Promise<void> {
    while (!satisfied()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      const end = await Promise.race([promise.then(() => undefined), this.ended]);
      this.#waiting.delete(resolve);
      if (end !== undefined && !satisfied()) throw new Error(`closed with ${end.code} ${end.reason}`);
    }
  }

  #keep<Item>(list: Item[], item: Item): void {
    list.push(item);
    for (const wake of this.#waiting) wake();
  }
}

/** A client that has been accepted. */
export interface Accepted extends Peer {
  /** Of the answer to its handshake. */
  readonly headers: IncomingMessage["headers"];
}

/** An answer to a handshake that is none of 101. */
export interface Refused {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Opens a WebSocket at the proxy. */
export async function open(
  proxy: Pick<Proxy, "url">,
  path: string,
  options: ClientOptions & { readonly subprotocols?: readonly string[] } = {},
): Promise<Accepted> {
  const outcome = await handshake(proxy, path, options);
  if (outcome instanceof Peer) return outcome;
  throw new Error(`refused with ${outcome.status}: ${outcome.body}`);
}

/** As `open`, for one that is to be refused. */
export async function refused(...given: Parameters<typeof open>): Promise<Refused> {
  const outcome = await handshake(...given);
  if (!(outcome instanceof Peer)) return outcome;
  outcome.socket.terminate();
  throw new Error("accepted");
}

async function handshake(
  { url }: Pick<Proxy, "url">,
  path: string,
  { subprotocols = [], ...options }: Parameters<typeof open>[2] = {},
): Promise<Accepted | Refused> {
  const socket = new WebSocket(url.replace(/^http/, "ws") + path, [...subprotocols], {
    perMessageDeflate: false,
    maxPayload: 0,
    ...options,
  });
  const peer = new Peer(socket);
  return await new Promise((resolve, reject) => {
    socket.on("upgrade", ({ headers }) => resolve(Object.assign(peer, { headers })));
    socket.on("unexpected-response", (_request, response) => {
      let body = "";
      response.on("data", (chunk) => (body += String(chunk)));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        socket.terminate();
      });
    });
    socket.on("error", reject);
  });
}
