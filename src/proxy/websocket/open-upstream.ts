import type { IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";

import { codeOf } from "../../error.ts";
import { UpstreamSocket } from "./upstream-socket.ts";

/** Error bodies are short; what is longer is cut off there. */
const MAX_REFUSAL_BYTES = 256 * 1024;

/** What is sent to open a WebSocket. */
export interface UpstreamHandshake {
  /** http or https. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  /** Outbound HTTP proxy. */
  readonly proxy: string | undefined;
  /** One message may not be larger. */
  readonly maxMessageBytes: number;
}

/** What became of a handshake. */
export type Opening =
  | { readonly kind: "open"; readonly socket: UpstreamSocket; readonly headers: Headers }
  /** Answered by anything but 101. */
  | {
      readonly kind: "refused";
      readonly answer: Pick<Response, "status" | "statusText" | "headers">;
      readonly body: Buffer;
    }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Opens a WebSocket at an upstream, with the `ws` of Bun: unlike the `WebSocket` of browsers, which Bun has
 * too, it tells the status, headers and body of a refused handshake, and leaves pings to be answered here.
 *
 * @param signal  gives the handshake up
 */
export async function openUpstream(handshake: UpstreamHandshake, signal: AbortSignal): Promise<Opening> {
  const { headers, subprotocols } = handshake;
  const opening = await shakeHands(handshake, headers, subprotocols, signal);
  if (opening.kind !== "no-subprotocol") return opening;
  // Where an upstream has none of those that it is offered, `ws` goes away; the client may stay
  // (RFC 6455 §4.2.2). Set as any other header, nothing is expected of them.
  const offered = { ...headers, "sec-websocket-protocol": subprotocols.join(", ") };
  const second = await shakeHands(handshake, offered, [], signal);
  return second.kind === "no-subprotocol" ? { kind: "failed", reason: second.kind } : second;
}

async function shakeHands(
  { url, proxy, maxMessageBytes }: UpstreamHandshake,
  headers: UpstreamHandshake["headers"],
  subprotocols: readonly string[],
  signal: AbortSignal,
): Promise<Opening | { readonly kind: "no-subprotocol" }> {
  // The proxy, for ws and wss alike, is of Bun's own.
  const options: ClientOptions & { readonly proxy: string | undefined } = {
    headers: { ...headers },
    maxPayload: maxMessageBytes,
    // Compressed frames would have to be inflated and deflated here, for what is mostly sound in base64.
    perMessageDeflate: false,
    autoPong: false,
    followRedirects: false,
    proxy,
  };
  const socket = new WebSocket(url.replace(/^http/, "ws").replace(/#.*/, ""), [...subprotocols], options);
  const upstream = new UpstreamSocket(socket);
  const giveUp = () => socket.terminate();
  signal.addEventListener("abort", giveUp);
  try {
    return await new Promise((resolve) => {
      let answered = new Headers();
      socket.on("upgrade", (response) => {
        answered = headersOf(response);
      });
      socket.on("open", () => resolve({ kind: "open", socket: upstream, headers: answered }));
      socket.on("unexpected-response", (_request, response) => {
        resolve(readRefusal(response).finally(giveUp));
      });
      socket.on("error", (error) => {
        const noneChosen = error.message === "Server sent no subprotocol";
        resolve(noneChosen ? { kind: "no-subprotocol" } : { kind: "failed", reason: codeOf(error) });
      });
      socket.on("close", () => resolve({ kind: "failed", reason: "closed in the handshake" }));
    });
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    for (const each of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, each);
  }
  return headers;
}

async function readRefusal(response: IncomingMessage): Promise<Opening> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // What has come of it says more than nothing.
  }
  const { statusCode: status = 0, statusMessage: statusText = "" } = response;
  const answer = { status, statusText, headers: headersOf(response) };
  return { kind: "refused", answer, body: Buffer.concat(chunks) };
}
