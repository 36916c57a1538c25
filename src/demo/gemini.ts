import { bearerOf, decodeSegment, maxOutputOf, readBody, type Arrival, type Call } from "./call.ts";
import type { AnswerMaterial, Dialect, Refusal } from "./dialect.ts";
import { refuseAsGemini } from "./gemini-errors.ts";
import { geminiThings, longRunning, missingNamed } from "./gemini-things.ts";
import { fieldOf, isRecord, countIn, stringIn } from "./json.ts";
import { answerOpenAi, readOpenAi } from "./openai.ts";
import { liveTokenOf } from "./minted.ts";
import { jsonReply, socketReply, sse, streamReply, type Reply } from "./reply.ts";
import { newId, vectorOf } from "./text.ts";
import { lastOf, type OfferedTool, type ToolCall, toolCallFor, toolsIn } from "./tool-call.ts";

/** https://ai.google.dev/api; it sends no limit headers. */
export const gemini: Dialect = {
  api: "gemini",
  secretOf: googleSecret,
  read: readGemini,
  answer: answerGemini,
  refuse: (call, refusal) => {
    const worded = refuseAsGemini(call, refusal);
    // What would have been an array of answers is an array of errors.
    return isArrayStream(call) && typeof worded.body !== "string"
      ? { ...worded, body: [worded.body] }
      : worded;
  },
  streamError: (call, refusal, _requestId, first) => {
    const { body } = refuseAsGemini(call, refusal);
    if (!isArrayStream(call)) return sse(body);
    return `${first ? "[" : ",\r\n"}${JSON.stringify(body)}]`;
  },
  headers: () => ({ "x-content-type-options": "nosniff" }),
  limitHeaders: () => ({}),
};

/** OpenAI's shapes under `/v1beta/openai/`, with Google's errors, each alone in an array (field). */
export const geminiCompatible: Dialect = {
  api: "gemini",
  secretOf: (arrival) => bearerOf(arrival) ?? googleSecret(arrival),
  read: (arrival) => readOpenAi(arrival, arrival.pathname.replace(/^\/v1(?:beta)?\/openai\//, "")),
  answer: answerOpenAi,
  refuse: (call, refusal) => {
    const worded = refuseAsGemini(call, refusal);
    return typeof worded.body === "string" ? worded : { ...worded, body: [worded.body] };
  },
  streamError: (call, refusal) => sse([refuseAsGemini(call, refusal).body]),
  headers: () => ({ "x-content-type-options": "nosniff" }),
  limitHeaders: () => ({}),
};

function googleSecret(arrival: Arrival): string | undefined {
  const { headers, query } = arrival;
  const token = /^Token\s+(\S+)$/i.exec(headers["authorization"] ?? "")?.[1];
  return headers["x-goog-api-key"] ?? query.get("key") ?? token ?? query.get("access_token") ?? undefined;
}

const METHOD = /^\/v1(?:beta|alpha)?\/models\/([^/]+):([A-Za-z]+)$/;
const SOCKET = /^\/+ws\/google\.ai\.generativelanguage\.[\w.]+\.(BidiGenerateContent(?:Constrained)?)$/;
const MODELS = /^\/v1(?:beta|alpha)?\/models(?:\/([^/:]+))?$/;

function readGemini(arrival: Arrival): Call {
  const { json, promptTokens, isJson } = readBody(arrival);
  const [, methodModel, method] = METHOD.exec(arrival.pathname) ?? [];
  const listed = MODELS.exec(arrival.pathname);
  const model = methodModel ?? listed?.[1];
  const socket = SOCKET.exec(arrival.pathname)?.[1];
  const path =
    method ??
    socket ??
    (listed === null ? arrival.pathname : model === undefined ? "models" : "models/{model}");
  const generates = path === "generateContent" || path === "streamGenerateContent";
  const badJson = isJson && !isRecord(json) && !arrival.query.has("upload_id");
  const noContents = generates && !Array.isArray(fieldOf(json, "contents"));
  return {
    arrival,
    operation: `${arrival.method} ${path}`,
    model: model === undefined ? undefined : decodeSegment(model),
    stream: path === "streamGenerateContent" || arrival.method === "SOCKET",
    json,
    promptTokens,
    maxOutputTokens: generates ? maxOutputOf(fieldOf(json, "generationConfig"), "maxOutputTokens") : 0,
    ...(badJson
      ? { invalid: "Invalid JSON payload received. Unexpected token." }
      : noContents
        ? { invalid: "* GenerateContentRequest.contents: contents is not specified\n" }
        : {}),
  };
}

/** Without `alt=sse` a stream is one JSON array that grows. */
function isArrayStream(call: Call): boolean {
  return call.stream && call.arrival.query.get("alt") !== "sse";
}

function answerGemini(call: Call, material: AnswerMaterial): Reply | Refusal | undefined {
  switch (call.operation) {
    case "POST generateContent":
      return (
        missingNamed(call.json, material) ??
        jsonReply(
          contentOf(call, material, partOf(call, material.sentence), material.deltas.length, true),
          material.deltas.length,
        )
      );
    case "POST streamGenerateContent":
      return missingNamed(call.json, material) ?? contentStream(call, material);
    case "POST embedContent":
      return jsonReply({ embedding: embeddingOf(call.json) });
    case "POST batchEmbedContents": {
      const requests = fieldOf(call.json, "requests");
      return jsonReply({ embeddings: Array.isArray(requests) ? requests.map(embeddingOf) : [] });
    }
    case "POST countTokens":
      return jsonReply({ totalTokens: call.promptTokens });
    case "SOCKET BidiGenerateContent":
    case "SOCKET BidiGenerateContentConstrained":
      return socketReply();
    case "POST /v1alpha/auth_tokens":
      return jsonReply({ name: liveTokenOf(material.requestId) });
    case "GET models":
      return jsonReply({ models: (material.models ?? DEFAULT_MODELS).map(modelOf) });
    case "GET models/{model}":
      return jsonReply(modelOf(call.model ?? ""));
    case "POST batchGenerateContent":
    case "POST predictLongRunning":
      return longRunning(call, material);
    default:
      return geminiThings(call, material);
  }
}

const DEFAULT_MODELS = ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-embedding-001"] as const;

function modelOf(id: string): unknown {
  return {
    name: `models/${id}`,
    version: "001",
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ["generateContent", "countTokens"],
  };
}

function contentStream(call: Call, material: AnswerMaterial): Reply {
  const { deltas } = material;
  const responseId = newId("");
  const isCall = toolAskedFor(call.json) !== undefined;
  // A call comes as a whole.
  const items = (isCall ? [""] : deltas).map((text, index, { length }) =>
    contentOf(call, material, partOf(call, text), index + 1, index === length - 1, responseId),
  );
  if (!isArrayStream(call))
    return streamReply(
      items.map((item) => sse(item)),
      0,
      deltas.length,
    );
  const parts = items.map((item, index) => `${index === 0 ? "[" : ",\r\n"}${JSON.stringify(item)}`);
  return streamReply([...parts, "\r\n]"], 0, deltas.length, "application/json; charset=UTF-8");
}

/** https://ai.google.dev/gemini-api/docs/function-calling */
function toolAskedFor(json: unknown): ToolCall | undefined {
  const config = fieldOf(fieldOf(json, "toolConfig"), "functionCallingConfig");
  const mode = stringIn(config, "mode")?.toUpperCase();
  const allowed = fieldOf(config, "allowedFunctionNames");
  const [named] = Array.isArray(allowed) ? allowed.map(String) : [];
  const last = lastOf(fieldOf(json, "contents"));
  const parts = fieldOf(last, "parts");
  return toolCallFor({
    tools: mode === "NONE" ? [] : declarationsIn(fieldOf(json, "tools")),
    demanded: mode !== "ANY" ? undefined : named === undefined ? "any" : { name: named },
    last,
    isResult: Array.isArray(parts) && parts.some((part) => fieldOf(part, "functionResponse") !== undefined),
  });
}

function declarationsIn(tools: unknown): OfferedTool[] {
  const groups = Array.isArray(tools) ? tools : [tools];
  return groups.flatMap((group) => {
    const declarations = fieldOf(group, "functionDeclarations");
    const [first] = Array.isArray(declarations) ? declarations : [];
    const field =
      fieldOf(first, "parametersJsonSchema") === undefined ? "parameters" : "parametersJsonSchema";
    return toolsIn(declarations, (tool) => tool, field);
  });
}

function partOf(call: Call, text: string): unknown {
  const tool = toolAskedFor(call.json);
  return tool === undefined ? { text } : { functionCall: { name: tool.name, args: tool.arguments } };
}

function contentOf(
  call: Call,
  { cached }: AnswerMaterial,
  part: unknown,
  outputTokens: number,
  last: boolean,
  id = newId(""),
): unknown {
  return {
    candidates: [
      { content: { parts: [part], role: "model" }, ...(last ? { finishReason: "STOP" } : {}), index: 0 },
    ],
    usageMetadata: {
      promptTokenCount: call.promptTokens,
      // Absent where nothing was cached, as all that is 0 in Google's JSON.
      ...(cached.readTokens === 0 ? {} : { cachedContentTokenCount: cached.readTokens }),
      candidatesTokenCount: outputTokens,
      totalTokenCount: call.promptTokens + outputTokens,
    },
    modelVersion: call.model,
    responseId: id,
  };
}

const MAX_DIMENSIONS = 4_096;
const DEFAULT_DIMENSIONS = 768;

function embeddingOf(request: unknown): unknown {
  const asked = countIn(request, "outputDimensionality") ?? DEFAULT_DIMENSIONS;
  const dimensions = Math.min(MAX_DIMENSIONS, Math.max(1, asked));
  return { values: [...vectorOf(JSON.stringify(fieldOf(request, "content") ?? ""), dimensions)] };
}
