import { fieldOf, parseJson, stringIn } from "./json.ts";
import type { Call } from "./call.ts";
import type { AnswerMaterial } from "./dialect.ts";
import { clientSecretOf } from "./minted.ts";
import { binaryReply, jsonReply, type Reply } from "./reply.ts";
import type { Conversation } from "./conversation.ts";
import { newId, tokensIn } from "./text.ts";

const LIFETIME_S = 600;

/** https://platform.openai.com/docs/api-reference/realtime-sessions/create-realtime-client-secret */
export function clientSecretReply(call: Call, { requestId }: AnswerMaterial): Reply {
  const session = { ...sessionOf(call.model), id: newId("sess_") };
  const expires_at = Math.floor(call.arrival.at / 1_000) + LIFETIME_S;
  return jsonReply({ value: clientSecretOf(requestId), expires_at, session });
}

/** https://platform.openai.com/docs/api-reference/realtime-calls/create-call; no call comes of the answer. */
export function callReply({ requestId }: AnswerMaterial): Reply {
  const sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
  const reply = binaryReply(Buffer.from(sdp), "application/sdp");
  const location = `/v1/realtime/calls/${requestId.replace(/^req_/, "rtc_")}`;
  return { ...reply, status: 201, headers: { ...reply.headers, location } };
}

/**
 * A Realtime session: it greets, and answers `response.create` in words
 * (https://platform.openai.com/docs/api-reference/realtime-server-events).
 */
export function realtimeConversation(call: Call, { deltas, sentence }: AnswerMaterial): Conversation {
  const session = sessionOf(call.model);
  return {
    greeting: [event("session.created", { session: { ...session, id: newId("sess_") } })],
    answer(message) {
      const json = parseJson(message);
      switch (stringIn(json, "type")) {
        case "session.update":
          return [event("session.updated", { session: fieldOf(json, "session") })];
        case "conversation.item.create":
          return [event("conversation.item.added", { item: fieldOf(json, "item") })];
        case "response.create": {
          const id = newId("resp_");
          const item_id = newId("item_");
          const place = { response_id: id, item_id, output_index: 0, content_index: 0 };
          const item = {
            id: item_id,
            type: "message",
            role: "assistant",
            content: [{ type: "output_text", text: sentence }],
          };
          const usage = {
            total_tokens: tokensIn(message.length) + deltas.length,
            input_tokens: tokensIn(message.length),
            output_tokens: deltas.length,
          };
          return [
            event("response.created", { response: { id, status: "in_progress", output: [] } }),
            ...deltas.map((delta) => event("response.output_text.delta", { ...place, delta })),
            event("response.output_text.done", { ...place, text: sentence }),
            event("response.done", { response: { id, status: "completed", output: [item], usage } }),
          ];
        }
        default:
          return [];
      }
    },
  };
}

function event(type: string, fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type, event_id: newId("event_"), ...fields });
}

function sessionOf(model: string | undefined) {
  return { type: "realtime", object: "realtime.session", model, output_modalities: ["text"] };
}
