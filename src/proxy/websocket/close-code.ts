/** How a WebSocket ended (RFC 6455 §7.4). */
export interface SocketEnd {
  /** 1005: the close frame had none. 1006: there was no close frame. */
  readonly code: number;
  /** At most 123 bytes, as a close frame can hold no more; of one that broke off, the code of the fault, if any. */
  readonly reason: string;
}

/** The connection broke off. */
export const BROKEN_OFF = 1006;

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const INTERNAL_ERROR = 1011;
const TRY_AGAIN_LATER = 1013;

/** What an upstream that broke off, or fell silent, is to a client: never a clean end. */
export function brokenOff(reason: string): SocketEnd {
  return { code: INTERNAL_ERROR, reason };
}

export const SHUT_DOWN: SocketEnd = { code: GOING_AWAY, reason: "KeyCycle is shutting down" };

export const OWN_FAULT: SocketEnd = { code: INTERNAL_ERROR, reason: "KeyCycle failed; its log says where." };

/** With which code a client is sent away that would have had this status, had it not been accepted already. */
export function closeCodeFor(status: number): number {
  if (status === 429 || (status >= 502 && status <= 504)) return TRY_AGAIN_LATER;
  return status >= 500 ? INTERNAL_ERROR : POLICY_VIOLATION;
}

/** Those that a close frame may hold, as `ws` sees it (RFC 6455 §7.4.1, and what IANA has registered since). */
function isSendable(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/** A close frame that says the same, as far as one may; undefined where the connection broke off. */
export function closeFrame({ code, reason }: SocketEnd): { code?: number; reason?: string } | undefined {
  if (code === BROKEN_OFF) return undefined;
  if (!isSendable(code)) return {};
  // Bytes that were no UTF-8 may have grown.
  return { code, reason: shortReason(reason) };
}

/** A control frame has 125 bytes at most, the code included (RFC 6455 §5.5). */
const MAX_REASON_BYTES = 123;

/** Whether an end leaves nobody in doubt that all was said. */
export function isClean({ code }: SocketEnd): boolean {
  return code === 1000 || code === GOING_AWAY || code === 1005;
}

/** As much of a text as a close frame holds, cut between two characters. */
export function shortReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_REASON_BYTES) return text;
  const ellipsis = "…";
  const fits = bytes.subarray(0, MAX_REASON_BYTES - Buffer.byteLength(ellipsis));
  // As of a stream: half a character at its end is left out.
  return new TextDecoder().decode(fits, { stream: true }) + ellipsis;
}
