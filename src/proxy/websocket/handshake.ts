import type { OwnError } from "../../providers/error-format.ts";

/** Whether a request asks to become a WebSocket (RFC 6455 §4.2.1). */
export function isHandshake(headers: Headers): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** Sixteen bytes in base64. */
const NONCE = /^[A-Za-z0-9+/]{22}==$/;

/** What is wrong with a client's handshake; undefined where nothing is. */
export function checkHandshake({ method, headers }: Request): OwnError | undefined {
  const wrong =
    method === "GET"
      ? headers.get("sec-websocket-version") === "13"
        ? NONCE.test(headers.get("sec-websocket-key") ?? "")
          ? undefined
          : "its Sec-WebSocket-Key is not sixteen bytes in base64"
        : "its Sec-WebSocket-Version is not 13"
      : `its method is ${method}, not GET`;
  if (wrong === undefined) return undefined;
  return { status: 400, code: "invalid_handshake", message: `This is no WebSocket handshake: ${wrong}.` };
}
