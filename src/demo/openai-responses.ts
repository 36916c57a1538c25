import type { Call } from "./call.ts";
import { namedIn } from "./account.ts";
import type { AnswerMaterial, Refusal } from "./dialect.ts";
import { fieldOf, stringIn } from "./json.ts";
import { missingReference } from "./openai-things.ts";
import { jsonReply, sse, streamReply, type Reply } from "./reply.ts";
import { newId } from "./text.ts";
import { argumentDeltas, lastOf, type ToolCall, toolCallFor, toolsIn } from "./tool-call.ts";

/** https://platform.openai.com/docs/api-reference/responses and its streaming events. */
export function responseReply(call: Call, material: AnswerMaterial): Reply | Refusal {
  const missing = missingReference(call.json, material) ?? missingBefore(call, material);
  if (missing !== undefined) return missing;
  const tool = toolAskedFor(call.json);
  return replyWith(call, material, tool === undefined ? messageOutput(material) : callOutput(tool));
}

/** What a response puts out, and the events in which a stream brings it. */
interface Output {
  readonly item: Readonly<Record<string, unknown>> & { readonly id: string };
  /** Type and fields of each event between the item's beginning and its end. */
  readonly events: readonly (readonly [type: string, fields: Readonly<Record<string, unknown>>])[];
  /** Of these, how many come before the first that has content. */
  readonly lead: number;
  readonly tokens: number;
}

function messageOutput({ deltas, sentence }: AnswerMaterial): Output {
  const id = newId("msg_");
  const part = { type: "output_text", annotations: [], logprobs: [], text: sentence };
  const place = { item_id: id, output_index: 0, content_index: 0 };
  return {
    item: { id, type: "message", status: "completed", role: "assistant", content: [part] },
    events: [
      ["response.content_part.added", { ...place, part: { ...part, text: "" } }],
      ...deltas.map((delta) => ["response.output_text.delta", { ...place, delta, logprobs: [] }] as const),
      ["response.output_text.done", { ...place, text: sentence, logprobs: [] }],
      ["response.content_part.done", { ...place, part }],
    ],
    lead: 1,
    tokens: deltas.length,
  };
}

function callOutput(tool: ToolCall): Output {
  const id = newId("fc_");
  const deltas = argumentDeltas(tool);
  const place = { item_id: id, output_index: 0 };
  const written = deltas.join("");
  return {
    item: {
      id,
      type: "function_call",
      status: "completed",
      call_id: newId("call_"),
      name: tool.name,
      arguments: written,
    },
    events: [
      ...deltas.map((delta) => ["response.function_call_arguments.delta", { ...place, delta }] as const),
      ["response.function_call_arguments.done", { ...place, name: tool.name, arguments: written }],
    ],
    lead: 0,
    tokens: deltas.length,
  };
}

/** https://platform.openai.com/docs/guides/function-calling?api-mode=responses */
function toolAskedFor(json: unknown): ToolCall | undefined {
  const choice = fieldOf(json, "tool_choice");
  const named = stringIn(choice, "name");
  const input = fieldOf(json, "input");
  const last = typeof input === "string" ? input : lastOf(input);
  return toolCallFor({
    tools: choice === "none" ? [] : toolsIn(fieldOf(json, "tools"), (tool) => tool, "parameters"),
    demanded: choice === "required" ? "any" : named === undefined ? undefined : { name: named },
    last,
    isResult: stringIn(last, "type") === "function_call_output",
  });
}

function replyWith(call: Call, material: AnswerMaterial, { item, events, lead, tokens }: Output): Reply {
  const { account, commit } = material;
  const responseId = newId("resp_");
  const output = [...reasoningOf(call, material), item];
  const previous = stringIn(call.json, "previous_response_id") ?? null;
  const stored = fieldOf(call.json, "store") !== false;
  const response = (status: string, items: readonly unknown[], usage: unknown) => ({
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
    output: items,
    parallel_tool_calls: true,
    previous_response_id: previous,
    reasoning: { effort: null, summary: null },
    store: stored,
    temperature: 1,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    truncation: "disabled",
    usage,
    metadata: {},
  });
  const completed = response("completed", output, usageOf(call, material, tokens));
  commit(() => {
    for (const { id } of output) account.note(id);
    if (stored) account.put("responses", responseId, { json: completed });
  });
  if (!call.stream) return jsonReply(completed, tokens);

  let sequence = 0;
  const event = (type: string, fields: Readonly<Record<string, unknown>>): string => {
    const data = { type, sequence_number: sequence, ...fields };
    sequence += 1;
    return sse(data, type);
  };
  const started = response("in_progress", [], null);
  const empty = item["type"] === "message" ? { content: [] } : { arguments: "" };
  return streamReply(
    [
      event("response.created", { response: started }),
      event("response.in_progress", { response: started }),
      event("response.output_item.added", {
        output_index: 0,
        item: { ...item, ...empty, status: "in_progress" },
      }),
      ...events.map(([type, fields]) => event(type, fields)),
      event("response.output_item.done", { output_index: 0, item }),
      event("response.completed", { response: completed }),
    ],
    3 + lead,
    tokens,
  );
}

/** What a request builds on, and this account does not have. */
function missingBefore(call: Call, { account }: AnswerMaterial): Refusal | undefined {
  const previous = stringIn(call.json, "previous_response_id");
  if (previous !== undefined && !account.has(previous)) {
    const message = `Previous response with id '${previous}' not found.`;
    return { kind: "missing", status: 400, code: "previous_response_not_found", message };
  }
  const foreign = namedIn(call.json, ENCRYPTED).find((content) => !account.has(content));
  if (foreign !== undefined) {
    const message = `The encrypted content ${foreign.slice(0, 4)}...${foreign.slice(-4)} could not be verified. Reason: Encrypted content organization_id did not match the target organization.`;
    return { kind: "missing", status: 400, code: "invalid_encrypted_content", message };
  }
  const input = fieldOf(call.json, "input");
  const references = (Array.isArray(input) ? input : []).filter(
    (item) => fieldOf(item, "type") === "item_reference",
  );
  const lost = references.map((item) => stringIn(item, "id") ?? "").find((id) => !account.has(id));
  return lost === undefined ? undefined : { kind: "missing", message: `Item with id '${lost}' not found.` };
}

const ENCRYPTED: ReadonlySet<string> = new Set(["encrypted_content"]);

/** Reasoning that only this account can read, where it is asked for. */
function reasoningOf(call: Call, { account, commit }: AnswerMaterial) {
  const include = fieldOf(call.json, "include");
  if (!Array.isArray(include) || !include.includes("reasoning.encrypted_content")) return [];
  const encrypted = `gAAAAAB${newId("")}${newId("")}${newId("")}${newId("")}==`;
  commit(() => account.note(encrypted));
  return [{ id: newId("rs_"), type: "reasoning", summary: [], encrypted_content: encrypted }];
}

function usageOf(call: Call, { cached }: AnswerMaterial, outputTokens: number): unknown {
  return {
    input_tokens: call.promptTokens,
    input_tokens_details: { cached_tokens: cached.readTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: call.promptTokens + outputTokens,
  };
}
