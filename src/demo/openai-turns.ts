import type { Call } from "./call.ts";
import type { Conversation } from "./conversation.ts";
import type { AnswerMaterial, Refusal } from "./dialect.ts";
import { parseJson, stringIn } from "./json.ts";
import { refuseAsOpenAi } from "./openai-errors.ts";
import { responseReply } from "./openai-responses.ts";
import { tokensIn } from "./text.ts";

/**
 * The Responses API over a WebSocket: each `response.create` is answered by the events of a stream, an error
 * by an event with its status (https://developers.openai.com/api/docs/guides/websocket-mode).
 *
 * @param refusalOf  why the key may not use a model; undefined where it may
 */
export function turnsConversation(
  call: Call,
  material: AnswerMaterial,
  refusalOf: (model: string | undefined) => Refusal | undefined,
): Conversation {
  return {
    greeting: [],
    answer(message) {
      const json = parseJson(message);
      const model = stringIn(json, "model");
      const turn: Call = {
        ...call,
        operation: "POST responses",
        model,
        json,
        promptTokens: tokensIn(message.length),
      };
      if (stringIn(json, "type") !== "response.create") {
        return [socketErrorAsOpenAi(turn, { kind: "bad-request", message: "Unknown event type." })];
      }
      const refusal = refusalOf(model);
      if (refusal !== undefined) return [socketErrorAsOpenAi(turn, refusal)];
      const reply = responseReply(turn, material);
      if (reply.kind === "stream") return reply.parts.map(dataOf);
      return reply.kind === "whole" ? [] : [socketErrorAsOpenAi(turn, reply)];
    },
  };
}

/** An error in the words of a WebSocket. */
export function socketErrorAsOpenAi(call: Call, refusal: Refusal): string {
  const { status, body } = refuseAsOpenAi(call, refusal);
  return JSON.stringify({ type: "error", status, ...(typeof body === "object" ? body : {}) });
}

/** What stands in a server-sent event. */
function dataOf(event: string): string {
  return /^data: (.*)$/m.exec(event)?.[1] ?? "";
}
