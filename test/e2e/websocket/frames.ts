import { createHash } from "node:crypto";

/** The head of a binary message of one frame, to be followed by its bytes. */
export function binaryHead(length: number, side: "client" | "server"): Buffer {
  const head = Buffer.alloc(10);
  head[0] = 0x82;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  if (side === "server") return head;
  head[1] |= 0x80;
  // A mask of zeros leaves the bytes as they are.
  return Buffer.concat([head, Buffer.alloc(4)]);
}

/** What a server answers a handshake's key with (RFC 6455 §4.2.2). */
function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** A server's acceptance of a handshake. */
export function switching(key: string): string {
  return `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${acceptOf(key)}\r\n\r\n`;
}

export const HANDSHAKE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};
