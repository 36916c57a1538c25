import type { Call } from "./call.ts";
import type { Conversation, Utterance } from "./conversation.ts";
import type { AnswerMaterial, Refusal } from "./dialect.ts";
import { fieldOf, parseJson, stringIn } from "./json.ts";
import { refuseAsGemini } from "./gemini-errors.ts";
import { tokensIn } from "./text.ts";

/**
 * A session of the Live API: `setup` first, then turns (https://ai.google.dev/api/live). Its errors are all
 * told in the close frame, after the handshake.
 *
 * @param refusalOf  why the key may not use a model; undefined where it may
 */
export function liveConversation(
  call: Call,
  { deltas }: AnswerMaterial,
  refusalOf: (model: string | undefined) => Refusal | undefined,
): Conversation {
  let ready = false;
  return {
    greeting: [],
    answer(message) {
      const json = parseJson(message);
      if (!ready) {
        const model = stringIn(fieldOf(json, "setup"), "model")?.replace(/^models\//, "");
        if (model === undefined)
          return [{ code: 1007, reason: "setup must be the first message and only the first." }];
        const refusal = refusalOf(model);
        if (refusal !== undefined) return [liveEnd({ ...call, model }, refusal)];
        ready = true;
        return [JSON.stringify({ setupComplete: {} })];
      }
      if (fieldOf(json, "clientContent") === undefined && fieldOf(json, "realtimeInput") === undefined)
        return [];
      const usageMetadata = {
        promptTokenCount: tokensIn(message.length),
        responseTokenCount: deltas.length,
        totalTokenCount: tokensIn(message.length) + deltas.length,
      };
      return [
        ...deltas.map((text) => JSON.stringify({ serverContent: { modelTurn: { parts: [{ text }] } } })),
        JSON.stringify({ serverContent: { generationComplete: true } }),
        JSON.stringify({ serverContent: { turnComplete: true }, usageMetadata }),
      ];
    },
  };
}

/** A close frame holds 123 bytes of reason (RFC 6455 §5.5.1). */
const MAX_REASON = 123;

/** What a refusal is as a close frame (as clients report them). */
export function liveEnd(call: Call, refusal: Refusal): Utterance {
  if (refusal.kind === "unserved-model") {
    const reason = `models/${call.model} is not found for API version v1beta, or is not supported for bidiGenerateContent. Call ListModels`;
    return { code: 1008, reason: reason.slice(0, MAX_REASON) };
  }
  const { status, body } = refuseAsGemini(call, refusal);
  const message = stringIn(fieldOf(body, "error"), "message") ?? "Internal error encountered.";
  return { code: status === 400 ? 1007 : status === 403 ? 1008 : 1011, reason: message.slice(0, MAX_REASON) };
}
