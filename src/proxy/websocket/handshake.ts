import type { OwnError } from "../../providers/error-format.ts";

/** Whether a request asks to become a WebSocket (RFC 6455 §4.2.1). */
export function isHandshake(headers: Headers): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** Sixteen bytes in base64. */
const NONCE = /^[A-Za-z0-9+/]{22}==$/;

/** `Connection` as it has to be; `keep-alive, Upgrade` in Firefox. */
const UPGRADES = /(?:^|[\s,])upgrade(?:[\s,]|$)/i;

/** What is wrong with a client's handshake; undefined where nothing is. */
export function checkHandshake(request: Request): OwnError | undefined {
  const wrong = whatIsWrong(request);
  if (wrong === undefined) return undefined;
  return { status: 400, code: "invalid_handshake", message: `This is no WebSocket handshake: ${wrong}.` };
}

function whatIsWrong({ method, headers }: Request): string | undefined {
  if (method !== "GET") return `its method is ${method}, not GET`;
  // Bun would take it; who stands in front may not, and go on to read requests.
  if (!UPGRADES.test(headers.get("connection") ?? "")) return 'its Connection does not say "Upgrade"';
  if (headers.get("sec-websocket-version") !== "13") return "its Sec-WebSocket-Version is not 13";
  return NONCE.test(headers.get("sec-websocket-key") ?? "")
    ? undefined
    : "its Sec-WebSocket-Key is not sixteen bytes in base64";
}
