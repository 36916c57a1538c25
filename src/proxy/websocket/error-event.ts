import { readErrorBody } from "../../providers/error-body.ts";

/**
 * An error as the Responses API tells it over a WebSocket, beside the status that HTTP would have had
 * (https://developers.openai.com/api/docs/guides/websocket-mode).
 *
 * @param body  the same error as the body of an answer
 */
export function errorEvent(status: number, body: string): string {
  const { type, code, message } = readErrorBody(body);
  return JSON.stringify({ type: "error", status, error: { type, code, message, param: null } });
}
