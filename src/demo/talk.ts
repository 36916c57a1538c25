import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";

import type { Conversation, Utterance } from "./conversation.ts";
import type { Delivery } from "./deliver.ts";
import type { Reply } from "./reply.ts";

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

const server = new WebSocketServer({
  noServer: true,
  maxPayload: MAX_MESSAGE_BYTES,
  // As OpenAI: of what is offered the first, which its clients call "realtime".
  handleProtocols: ([first]) => first ?? false,
});

/** A handshake and what it is answered with. */
export interface Handshake {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Refuses a handshake, as HTTP does. */
export function refuseHandshake({ socket }: Handshake, reply: Reply): void {
  const body = reply.kind === "whole" ? reply.body : Buffer.alloc(0);
  const headers = { ...reply.headers, "content-length": String(body.length), connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(`HTTP/1.1 ${reply.status} Refused\r\n${lines.join("\r\n")}\r\n\r\n`);
  socket.end(body);
}

/**
 * Accepts a handshake and talks.
 *
 * @param delivery  a reset, or a truncation, breaks the connection off in the middle of the first answer
 * @param onEnd     called once, with the code with which the client or the conversation has ended it
 */
export function talk(
  { request, socket, head }: Handshake,
  headers: Readonly<Record<string, string>>,
  conversation: Conversation,
  delivery: Delivery,
  delayMs: number,
  onEnd: (code: number) => void,
): void {
  server.once("headers", (lines) =>
    lines.push(...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)),
  );
  server.handleUpgrade(request, socket, head, (webSocket) => {
    let speaking = say(webSocket, conversation.greeting, delayMs);
    webSocket.on("message", (data) => {
      const message = Buffer.isBuffer(data)
        ? data
        : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
      const answer = conversation.answer(message);
      speaking = speaking.then(() =>
        say(webSocket, breaksOff(delivery) ? answer.slice(0, 1) : answer, delayMs),
      );
      if (breaksOff(delivery) && answer.length > 0) void speaking.then(() => webSocket.terminate());
    });
    webSocket.on("close", onEnd);
    webSocket.on("error", () => {});
  });
}

function breaksOff({ kind }: Delivery): boolean {
  return kind === "reset" || kind === "truncate";
}

async function say(webSocket: WebSocket, utterances: readonly Utterance[], delayMs: number): Promise<void> {
  for (const utterance of utterances) {
    if (delayMs > 0) await Bun.sleep(delayMs);
    if (webSocket.readyState !== webSocket.OPEN) return;
    if (typeof utterance === "string") webSocket.send(utterance);
    else webSocket.close(utterance.code, utterance.reason);
  }
}
