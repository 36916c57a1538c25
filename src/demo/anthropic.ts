import { countIn, fieldOf, isRecord, stringIn } from "./json.ts";
import { bearerOf, maxOutputOf, decodeSegment, readBody, readForm, type Arrival, type Call } from "./call.ts";
import { anthropicThings, missingThing } from "./anthropic-things.ts";
import type { AnswerMaterial, Dialect, Refusal } from "./dialect.ts";
import { refuseAsAnthropic, streamErrorAsAnthropic } from "./anthropic-errors.ts";
import type { Gauge, Gauges } from "./limits.ts";
import { jsonReply, sse, streamReply, type Reply } from "./reply.ts";
import { newId } from "./text.ts";
import { argumentDeltas, lastOf, type ToolCall, toolCallFor, toolsIn } from "./tool-call.ts";

/** https://docs.anthropic.com/en/api */
export const anthropic: Dialect = {
  api: "anthropic",
  // The reference names x-api-key; the TypeScript SDK (seen at 1.12) sends its API key as a bearer.
  secretOf: (arrival) => arrival.headers["x-api-key"] ?? bearerOf(arrival),
  read: readAnthropic,
  answer: answerAnthropic,
  refuse: refuseAsAnthropic,
  streamError: streamErrorAsAnthropic,
  headers: (requestId) => ({
    "request-id": requestId,
    "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
  }),
  limitHeaders: ({ requests, tokens, day }: Gauges, now) => ({
    ...familyOf("requests", requests ?? day, now),
    ...familyOf("tokens", tokens, now),
  }),
};

async function readAnthropic(arrival: Arrival): Promise<Call> {
  const { json, promptTokens, isJson } = readBody(arrival);
  const form = isJson ? undefined : await readForm(arrival);
  const path = arrival.pathname.replace(/^\/v1\//, "");
  const named = /^models\/(.+)$/.exec(path)?.[1];
  const invalid = arrival.method === "POST" ? whatIsWrong(arrival, path, json) : undefined;
  return {
    arrival,
    operation: `${arrival.method} ${named === undefined ? path : "models/{model}"}`,
    model: named === undefined ? stringIn(json, "model") : decodeSegment(named),
    stream: fieldOf(json, "stream") === true,
    json,
    promptTokens,
    maxOutputTokens: path === "messages" ? maxOutputOf(json, "max_tokens") : 0,
    ...(form === undefined ? {} : { form }),
    ...(invalid === undefined ? {} : { invalid }),
  };
}

function whatIsWrong(arrival: Arrival, path: string, json: unknown): string | undefined {
  if (path !== "messages" && path !== "messages/count_tokens") return undefined;
  if (arrival.headers["anthropic-version"] === undefined) return "anthropic-version: header is required";
  if (!isRecord(json)) return "The request body is not valid JSON";
  if (stringIn(json, "model") === undefined) return "model: Field required";
  if (!Array.isArray(fieldOf(json, "messages"))) return "messages: Field required";
  const needsMaximum = path === "messages" && countIn(json, "max_tokens") === undefined;
  return needsMaximum ? "max_tokens: Field required" : undefined;
}

function answerAnthropic(call: Call, material: AnswerMaterial): Reply | Refusal | undefined {
  switch (call.operation) {
    case "POST messages":
      return missingThing(call.json, material) ?? messageReply(call, material);
    case "POST messages/count_tokens":
      return jsonReply({ input_tokens: call.promptTokens });
    case "GET models": {
      const data = (material.models ?? DEFAULT_MODELS).map(modelOf);
      const ids = material.models ?? DEFAULT_MODELS;
      return jsonReply({ data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null });
    }
    case "GET models/{model}":
      return jsonReply(modelOf(call.model ?? ""));
    default:
      return anthropicThings(call, material);
  }
}

const DEFAULT_MODELS = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5"] as const;

function modelOf(id: string): unknown {
  return { type: "model", id, display_name: id, created_at: "2025-10-01T00:00:00Z" };
}

/** https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use */
function toolAskedFor(json: unknown): ToolCall | undefined {
  const choice = fieldOf(json, "tool_choice");
  const named = stringIn(choice, "name");
  const type = stringIn(choice, "type");
  const last = lastOf(fieldOf(json, "messages"));
  const content = fieldOf(last, "content");
  return toolCallFor({
    tools: type === "none" ? [] : toolsIn(fieldOf(json, "tools"), (tool) => tool, "input_schema"),
    demanded: type === "any" ? "any" : named === undefined ? undefined : { name: named },
    last,
    isResult: Array.isArray(content) && content.some((block) => stringIn(block, "type") === "tool_result"),
  });
}

function messageReply(call: Call, material: AnswerMaterial): Reply {
  const tool = toolAskedFor(call.json);
  const { account, cached, commit } = material;
  const deltas = tool === undefined ? material.deltas : argumentDeltas(tool);
  const use = tool && { type: "tool_use", id: newId("toolu_01"), name: tool.name, input: tool.arguments };
  const stopReason = tool === undefined ? "end_turn" : "tool_use";
  const usage = {
    // Cached tokens are not counted among the others.
    input_tokens: call.promptTokens - cached.readTokens - cached.writtenTokens,
    cache_creation_input_tokens: cached.writtenTokens,
    cache_read_input_tokens: cached.readTokens,
    output_tokens: deltas.length,
    service_tier: "standard",
  };
  const tools = fieldOf(call.json, "tools");
  const runsCode =
    Array.isArray(tools) && tools.some((each) => stringIn(each, "type")?.startsWith("code_execution"));
  const container = {
    id: newId("container_01"),
    expires_at: new Date(call.arrival.at + 3_600_000).toISOString(),
  };
  if (runsCode) commit(() => account.note(container.id));
  const message = {
    ...(runsCode ? { container } : {}),
    id: newId("msg_01"),
    type: "message",
    role: "assistant",
    model: call.model,
    content: [use ?? { type: "text", text: material.sentence }],
    stop_reason: stopReason,
    stop_sequence: null,
    usage,
  };
  if (!call.stream) return jsonReply(message, deltas.length);
  const opening = { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  return streamReply(
    [
      event("message_start", { message: opening }),
      event("content_block_start", {
        index: 0,
        content_block: use === undefined ? { type: "text", text: "" } : { ...use, input: {} },
      }),
      event("ping"),
      ...deltas.map((text) =>
        event("content_block_delta", {
          index: 0,
          delta:
            use === undefined
              ? { type: "text_delta", text }
              : { type: "input_json_delta", partial_json: text },
        }),
      ),
      event("content_block_stop", { index: 0 }),
      event("message_delta", {
        delta: { stop_reason: stopReason, stop_sequence: null },
        usage: { output_tokens: deltas.length },
      }),
      event("message_stop"),
    ],
    3,
    deltas.length,
  );
}

function event(type: string, fields: Readonly<Record<string, unknown>> = {}): string {
  return sse({ type, ...fields }, type);
}

/** Remaining tokens are rounded to thousands, and resets are whole seconds of being full again. */
function familyOf(
  name: "requests" | "tokens",
  gauge: Gauge | undefined,
  now: number,
): Record<string, string> {
  if (gauge === undefined) return {};
  const remaining = name === "tokens" ? Math.round(gauge.remaining / 1_000) * 1_000 : gauge.remaining;
  const reset = new Date(Math.ceil((now + gauge.fullInMs) / 1_000) * 1_000);
  return {
    [`anthropic-ratelimit-${name}-limit`]: String(gauge.limit),
    [`anthropic-ratelimit-${name}-remaining`]: String(remaining),
    [`anthropic-ratelimit-${name}-reset`]: reset.toISOString().replace(".000Z", "Z"),
  };
}
