import type { Call } from "./call.ts";
import type { AnswerMaterial } from "./dialect.ts";
import { fieldOf, stringIn } from "./json.ts";
import { jsonReply, sse, streamReply, type Reply } from "./reply.ts";
import { newId } from "./text.ts";
import { argumentDeltas, lastOf, type ToolCall, toolCallFor, toolsIn } from "./tool-call.ts";

export function chatReply(call: Call, material: AnswerMaterial): Reply {
  const tool = toolAskedFor(call.json);
  const { sentence, account, commit } = material;
  const deltas = tool === undefined ? material.deltas : argumentDeltas(tool);
  const base = { id: newId("chatcmpl-"), created: secondsOf(call), model: call.model };
  const finishReason = tool === undefined ? "stop" : "tool_calls";
  const toolCall = tool && { id: newId("call_"), type: "function", function: functionOf(tool) };
  if (!call.stream) {
    const said = toolCall === undefined ? { content: sentence } : { content: null, tool_calls: [toolCall] };
    const message = { role: "assistant", ...said, refusal: null, annotations: [] };
    const completion = {
      ...base,
      object: "chat.completion",
      choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
      usage: usageOf(call, material, deltas.length),
      service_tier: "default",
      system_fingerprint: "fp_simulator",
    };
    if (fieldOf(call.json, "store") === true) {
      commit(() => account.put("chat/completions", base.id, { json: completion }));
    }
    return jsonReply(completion, deltas.length);
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
  const opening =
    toolCall === undefined
      ? { content: "" }
      : {
          content: null,
          tool_calls: [{ index: 0, ...toolCall, function: { ...toolCall.function, arguments: "" } }],
        };
  const deltaOf = (text: string) =>
    toolCall === undefined
      ? { content: text }
      : { tool_calls: [{ index: 0, function: { arguments: text } }] };
  return streamReply(
    [
      chunk([chatChoice({ role: "assistant", ...opening, refusal: null })]),
      ...deltas.map((text) => chunk([chatChoice(deltaOf(text))])),
      chunk([chatChoice({}, finishReason)]),
      ...(withUsage ? [chunk([], usageOf(call, material, deltas.length))] : []),
      sse("[DONE]"),
    ],
    1,
    deltas.length,
  );
}

/** https://platform.openai.com/docs/guides/function-calling */
function toolAskedFor(json: unknown): ToolCall | undefined {
  const choice = fieldOf(json, "tool_choice");
  const named = stringIn(fieldOf(choice, "function"), "name");
  const last = lastOf(fieldOf(json, "messages"));
  return toolCallFor({
    tools:
      choice === "none"
        ? []
        : toolsIn(fieldOf(json, "tools"), (tool) => fieldOf(tool, "function"), "parameters"),
    demanded: choice === "required" ? "any" : named === undefined ? undefined : { name: named },
    last,
    isResult: stringIn(last, "role") === "tool",
  });
}

function functionOf(tool: ToolCall): { name: string; arguments: string } {
  return { name: tool.name, arguments: JSON.stringify(tool.arguments) };
}

/** The legacy text completions. */
export function completionReply(call: Call, material: AnswerMaterial): Reply {
  const { deltas, sentence } = material;
  const base = { id: newId("cmpl-"), object: "text_completion", created: secondsOf(call), model: call.model };
  if (!call.stream) {
    const usage = usageOf(call, material, deltas.length);
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

function usageOf(call: Call, { cached }: AnswerMaterial, completionTokens: number): unknown {
  return {
    prompt_tokens: call.promptTokens,
    completion_tokens: completionTokens,
    total_tokens: call.promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cached.readTokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

function secondsOf(call: Call): number {
  return Math.floor(call.arrival.at / 1_000);
}
