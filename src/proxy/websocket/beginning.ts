/** Who speaks first on a WebSocket, and so what has to be heard before an upstream is known to take it. */
export type Beginning =
  /**
   * The upstream, on its own: a session's `session.created`, or an `error` for a key that it refuses only
   * now, after a handshake that went well, as OpenAI does.
   */
  | "upstream-greets"
  /** The client, whose first message names the model: no key can be picked before it is there. */
  | "client-asks"
  /** Nothing is known of what comes: an accepted handshake is all there is. */
  | "untold";

/** Sessions of the Live API, and of music (https://ai.google.dev/api/live). */
export const GOOGLE_SOCKET = /^\/ws\/google\.ai\.generativelanguage\.[\w.]+$/;

/** Each message asks for a response (https://developers.openai.com/api/docs/guides/websocket-mode). */
const RESPONSES = /\/responses\/?$/;

/** https://developers.openai.com/api/docs/guides/realtime-websocket */
const REALTIME = /\/realtime\/?$/;

/** @param path  without the query */
export function beginningOf(path: string): Beginning {
  if (GOOGLE_SOCKET.test(path) || takesTurns(path)) return "client-asks";
  return REALTIME.test(path) ? "upstream-greets" : "untold";
}

/** Whether each message of the client is a request of its own, with a model of its own. */
export function takesTurns(path: string): boolean {
  return RESPONSES.test(path);
}
