import type { Call } from "./call.ts";
import type { AnswerMaterial } from "./dialect.ts";
import { fieldOf } from "./json.ts";
import { jsonReply, sse, streamReply, type Reply } from "./reply.ts";
import { newId } from "./text.ts";

export function chatReply(call: Call, material: AnswerMaterial): Reply {
  const { deltas, sentence } = material;
  const base = { id: newId("chatcmpl-"), created: secondsOf(call), model: call.model };
  if (!call.stream) {
    const message = { role: "assistant", content: sentence, refusal: null, annotations: [] };
    return jsonReply(
      {
        ...base,
        object: "chat.completion",
        choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }],
        usage: usageOf(call, deltas.length),
        service_tier: "default",
        system_fingerprint: "fp_simulator",
      },
      deltas.length,
    );
  }
  const withUsage = fieldOf(fieldOf(call.json, "stream_options"), "include_usage") === true;
  const chunk = (choices: readonly unknown[], usage: unknown = null): string =>
    sse({
      ...base,
      object: "chat.completion.chunk",
      service_tier: "default",
      system_fingerprint: "fp_simulator",
      choices,
      ...(withUsage ? { usage } : {}),
    });
  return streamReply(
    [
      chunk([chatChoice({ role: "assistant", content: "", refusal: null })]),
      ...deltas.map((content) => chunk([chatChoice({ content })])),
      chunk([chatChoice({}, "stop")]),
      ...(withUsage ? [chunk([], usageOf(call, deltas.length))] : []),
      sse("[DONE]"),
    ],
    1,
    deltas.length,
  );
}

/** The legacy text completions. */
export function completionReply(call: Call, { deltas, sentence }: AnswerMaterial): Reply {
  const base = { id: newId("cmpl-"), object: "text_completion", created: secondsOf(call), model: call.model };
  if (!call.stream) {
    const usage = usageOf(call, deltas.length);
    return jsonReply({ ...base, choices: [textChoice(sentence, "stop")], usage }, deltas.length);
  }
  return streamReply(
    [
      ...deltas.map((text) => sse({ ...base, choices: [textChoice(text, null)] })),
      sse({ ...base, choices: [textChoice("", "stop")] }),
      sse("[DONE]"),
    ],
    0,
    deltas.length,
  );
}

function chatChoice(delta: unknown, finishReason: string | null = null): unknown {
  return { index: 0, delta, logprobs: null, finish_reason: finishReason };
}

function textChoice(text: string, finishReason: string | null): unknown {
  return { text, index: 0, logprobs: null, finish_reason: finishReason };
}

function usageOf(call: Call, completionTokens: number): unknown {
  return {
    prompt_tokens: call.promptTokens,
    completion_tokens: completionTokens,
    total_tokens: call.promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

function secondsOf(call: Call): number {
  return Math.floor(call.arrival.at / 1_000);
}
