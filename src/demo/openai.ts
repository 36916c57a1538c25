import { bearerOf, decodeSegment, maxOutputOf, readBody, readForm, type Arrival, type Call } from "./call.ts";
import type { AnswerMaterial, Dialect, Refusal } from "./dialect.ts";
import { fieldOf, isRecord, stringIn } from "./json.ts";
import type { Gauge, Gauges } from "./limits.ts";
import { chatReply, completionReply } from "./openai-chat.ts";
import { refuseAsOpenAi, streamErrorAsOpenAi } from "./openai-errors.ts";
import {
  embeddingsReply,
  imagesReply,
  moderationsReply,
  speechReply,
  transcriptionReply,
} from "./openai-media.ts";
import { responseReply } from "./openai-responses.ts";
import { callReply, clientSecretReply } from "./openai-realtime.ts";
import { missingReference, openAiThings } from "./openai-things.ts";
import { jsonReply, type Reply, socketReply } from "./reply.ts";
import { goDuration } from "./retry-hint.ts";

/** https://platform.openai.com/docs/api-reference */
export const openai: Dialect = {
  api: "openai",
  secretOf: bearerOf,
  read: (arrival) => readOpenAi(arrival, arrival.pathname.replace(/^\/v1\//, "")),
  answer: answerOpenAi,
  refuse: refuseAsOpenAi,
  streamError: streamErrorAsOpenAi,
  headers: (requestId, elapsedMs) => ({
    "openai-organization": "org-simulator",
    "openai-version": "2020-10-01",
    "openai-processing-ms": String(Math.round(elapsedMs)),
    "x-request-id": requestId,
  }),
  limitHeaders: openAiLimitHeaders,
};

/** Paths that need a model, and the fields in which they ask for a maximum of output. */
const GENERATING: Readonly<Record<string, readonly string[]>> = {
  "chat/completions": ["max_completion_tokens", "max_tokens"],
  responses: ["max_output_tokens"],
  completions: ["max_tokens"],
  embeddings: [],
  "audio/speech": [],
};

/**
 * Reads a request in OpenAI's shape.
 *
 * @param path  what follows the version segment
 * @param model where the path itself names it, as Azure's deployments do
 */
export async function readOpenAi(arrival: Arrival, path: string, model?: string): Promise<Call> {
  const { json, promptTokens, isJson } = readBody(arrival);
  const form = isJson ? undefined : await readForm(arrival);
  const formModel = form?.get("model");
  const named = /^models\/(.+)$/.exec(path)?.[1];
  const asked =
    model ??
    stringIn(json, "model") ??
    (arrival.method === "SOCKET" ? modelIn(arrival.query) : undefined) ??
    stringIn(fieldOf(json, "session"), "model") ??
    (typeof formModel === "string" ? formModel : undefined) ??
    (named === undefined ? undefined : decodeSegment(named));
  const fields = GENERATING[path];
  const generates = fields !== undefined && fields.length > 0;
  const invalid = whatIsWrong(isJson, json, asked !== undefined || fields === undefined);
  return {
    arrival,
    operation: `${arrival.method} ${named === undefined ? path : "models/{model}"}`,
    model: asked,
    stream: fieldOf(json, "stream") === true || arrival.method === "SOCKET",
    json,
    promptTokens,
    maxOutputTokens: generates ? maxOutputOf(json, ...fields) : 0,
    ...(form === undefined ? {} : { form }),
    ...(invalid === undefined || arrival.method !== "POST" ? {} : { invalid }),
  };
}

/** Azure's preview names the deployment. */
function modelIn(query: URLSearchParams): string | undefined {
  return query.get("model") ?? query.get("deployment") ?? undefined;
}

function whatIsWrong(isJson: boolean, json: unknown, hasModel: boolean): string | undefined {
  if (isJson && !isRecord(json)) {
    return "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";
  }
  return hasModel ? undefined : "you must provide a model parameter";
}

export function answerOpenAi(call: Call, material: AnswerMaterial): Reply | Refusal | undefined {
  switch (call.operation) {
    case "POST chat/completions":
      return missingReference(call.json, material) ?? chatReply(call, material);
    case "POST completions":
      return completionReply(call, material);
    case "POST responses":
      return responseReply(call, material);
    case "POST embeddings":
      return embeddingsReply(call);
    case "POST audio/transcriptions":
      return transcriptionReply(call, material);
    case "POST audio/speech":
      return speechReply();
    case "POST images/generations":
      return imagesReply(call);
    case "POST moderations":
      return moderationsReply(call);
    case "POST realtime/client_secrets":
      return clientSecretReply(call, material);
    case "POST realtime/calls":
      return callReply(material);
    case "SOCKET realtime":
    case "SOCKET responses":
      return socketReply();
    case "GET models":
      return jsonReply({ object: "list", data: (material.models ?? DEFAULT_MODELS).map(modelOf) });
    case "GET models/{model}":
      return jsonReply(modelOf(call.model ?? ""));
    default:
      return openAiThings(call, material);
  }
}

const DEFAULT_MODELS = ["gpt-4o", "gpt-4o-mini", "text-embedding-3-small"] as const;

function modelOf(id: string): unknown {
  return { id, object: "model", created: 1_715_367_049, owned_by: "system" };
}

/** Resets tell the time until the bucket is full, not until one more fits; a day's limit hides behind a minute's. */
function openAiLimitHeaders({ requests, tokens, day }: Gauges): Record<string, string> {
  return { ...familyOf("requests", requests ?? day), ...familyOf("tokens", tokens) };
}

function familyOf(name: "requests" | "tokens", gauge: Gauge | undefined): Record<string, string> {
  if (gauge === undefined) return {};
  return {
    [`x-ratelimit-limit-${name}`]: String(gauge.limit),
    [`x-ratelimit-remaining-${name}`]: String(gauge.remaining),
    [`x-ratelimit-reset-${name}`]: goDuration(gauge.fullInMs),
  };
}
