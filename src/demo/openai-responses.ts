import type { Call } from "./call.ts";
import type { AnswerMaterial } from "./dialect.ts";
import { jsonReply, sse, streamReply, type Reply } from "./reply.ts";
import { newId } from "./text.ts";

/** https://platform.openai.com/docs/api-reference/responses and its streaming events. */
export function responseReply(call: Call, { deltas, sentence }: AnswerMaterial): Reply {
  const responseId = newId("resp_");
  const itemId = newId("msg_");
  const part = { type: "output_text", annotations: [], logprobs: [], text: sentence };
  const item = { id: itemId, type: "message", status: "completed", role: "assistant", content: [part] };
  const response = (status: string, output: readonly unknown[], usage: unknown): unknown => ({
    id: responseId,
    object: "response",
    created_at: Math.floor(call.arrival.at / 1_000),
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: call.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: true,
    temperature: 1,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    truncation: "disabled",
    usage,
    metadata: {},
  });
  const completed = response("completed", [item], usageOf(call, deltas.length));
  if (!call.stream) return jsonReply(completed, deltas.length);

  let sequence = 0;
  const event = (type: string, fields: Readonly<Record<string, unknown>>): string => {
    const data = { type, sequence_number: sequence, ...fields };
    sequence += 1;
    return sse(data, type);
  };
  const started = response("in_progress", [], null);
  const place = { item_id: itemId, output_index: 0, content_index: 0 };
  return streamReply(
    [
      event("response.created", { response: started }),
      event("response.in_progress", { response: started }),
      event("response.output_item.added", {
        output_index: 0,
        item: { ...item, status: "in_progress", content: [] },
      }),
      event("response.content_part.added", { ...place, part: { ...part, text: "" } }),
      ...deltas.map((delta) => event("response.output_text.delta", { ...place, delta, logprobs: [] })),
      event("response.output_text.done", { ...place, text: sentence, logprobs: [] }),
      event("response.content_part.done", { ...place, part }),
      event("response.output_item.done", { output_index: 0, item }),
      event("response.completed", { response: completed }),
    ],
    4,
    deltas.length,
  );
}

function usageOf(call: Call, outputTokens: number): unknown {
  return {
    input_tokens: call.promptTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: call.promptTokens + outputTokens,
  };
}
