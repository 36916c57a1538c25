import type { ServerWebSocket, WebSocketHandler } from "bun";

/** What a client's WebSocket is part of; its events come here. */
export interface ClientSide {
  opened(socket: ClientSocket): void;
  fromClient(message: string | Buffer): void;
  /** What waited for the client is sent. */
  drained(): void;
  /** Answered by Bun already. */
  pingFromClient(data: Buffer): void;
  pongFromClient(data: Buffer): void;
  clientEnded(code: number, reason: string): void;
  /** KeyCycle itself failed on one of these. */
  failed(error: unknown): void;
}

export type ClientSocket = ServerWebSocket<ClientSide>;

/** A client from which nothing comes is pinged within this time, and gone if it does not answer. */
const IDLE_S = 120;

/** @param maxMessageBytes  of one message; a larger one ends the connection with 1009 */
export function clientHandlers(maxMessageBytes: number): WebSocketHandler<ClientSide> {
  return {
    maxPayloadLength: maxMessageBytes,
    // The other side is read no further while anything waits here, so nothing has to be thrown away.
    backpressureLimit: 0,
    idleTimeout: IDLE_S,
    perMessageDeflate: false,
    open: (socket) => socket.data.opened(socket),
    message: (socket, message) => socket.data.fromClient(message),
    drain: (socket) => socket.data.drained(),
    ping: (socket, data) => socket.data.pingFromClient(data),
    pong: (socket, data) => socket.data.pongFromClient(data),
    close: (socket, code, reason) => socket.data.clientEnded(code, reason),
    error: (error, socket) => socket.data.failed(error),
  };
}
