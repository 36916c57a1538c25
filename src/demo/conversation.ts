import type { Call } from "./call.ts";
import type { AnswerMaterial, Refusal } from "./dialect.ts";
import { liveConversation, liveEnd } from "./gemini-live.ts";
import { realtimeConversation } from "./openai-realtime.ts";
import { socketErrorAsOpenAi, turnsConversation } from "./openai-turns.ts";

/** A message of text, or the end of the connection. */
export type Utterance = string | { readonly code: number; readonly reason: string };

/** What the simulator says on a WebSocket. */
export interface Conversation {
  /** Said at once. */
  readonly greeting: readonly Utterance[];
  /** What a message of the client is answered with. */
  answer(message: Uint8Array): readonly Utterance[];
}

/**
 * @param refusal    of the key, told after a handshake that went well; undefined where it is taken
 * @param refusalOf  why the key may not use a model; undefined where it may
 */
export function conversationOf(
  call: Call,
  material: AnswerMaterial,
  refusal: Refusal | undefined,
  refusalOf: (model: string | undefined) => Refusal | undefined,
): Conversation {
  switch (call.operation) {
    case "SOCKET realtime":
      return refusal === undefined ? realtimeConversation(call, material) : refusedRealtime(call, refusal);
    case "SOCKET responses":
      return turnsConversation(call, material, (model) => refusal ?? refusalOf(model));
    default:
      return refusal === undefined
        ? liveConversation(call, material, refusalOf)
        : { greeting: [], answer: () => [liveEnd(call, refusal)] };
  }
}

/** As OpenAI refuses a key that it looks at only after the handshake (field). */
function refusedRealtime(call: Call, refusal: Refusal): Conversation {
  const error = socketErrorAsOpenAi(call, refusal);
  const code = /"code":"(\w+)"/.exec(error)?.[1] ?? "server_error";
  return { greeting: [error, { code: 3000, reason: `invalid_request_error.${code}` }], answer: () => [] };
}
