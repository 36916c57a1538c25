import type { Call } from "./call.ts";
import type { AnswerMaterial } from "./dialect.ts";
import { countIn, fieldOf, stringIn } from "./json.ts";
import { binaryReply, jsonReply, type Reply } from "./reply.ts";
import { newId, tokensIn, vectorOf } from "./text.ts";

const MAX_DIMENSIONS = 4_096;
const DEFAULT_DIMENSIONS = 1_536;

/** Vectors as numbers, or as base64 of little-endian floats, which the official SDKs ask for. */
export function embeddingsReply(call: Call): Reply {
  const asked = countIn(call.json, "dimensions") ?? DEFAULT_DIMENSIONS;
  const dimensions = Math.min(MAX_DIMENSIONS, Math.max(1, asked));
  const base64 = stringIn(call.json, "encoding_format") === "base64";
  const data = inputsOf(call.json).map((text, index) => {
    const vector = vectorOf(text, dimensions);
    const embedding = base64 ? Buffer.from(vector.buffer).toString("base64") : [...vector];
    return { object: "embedding", index, embedding };
  });
  const usage = { prompt_tokens: call.promptTokens, total_tokens: call.promptTokens };
  return jsonReply({ object: "list", data, model: call.model, usage });
}

/** One text, many texts, one list of tokens, or many. */
function inputsOf(json: unknown): readonly string[] {
  const input = fieldOf(json, "input");
  if (!Array.isArray(input)) return [String(input ?? "")];
  return input.every((each) => typeof each === "number") ? [input.join(" ")] : input.map(String);
}

export function transcriptionReply(call: Call, { sentence }: AnswerMaterial): Reply {
  const file = call.form?.get("file");
  const heard =
    file instanceof File ? `${file.name} (${file.size} bytes) heard by ${call.model}` : "no file was sent";
  const text = `${sentence} Transcript of ${heard}.`;
  const outputTokens = tokensIn(text.length);
  const usage = { type: "tokens", input_tokens: 0, output_tokens: outputTokens, total_tokens: outputTokens };
  return jsonReply({ text, usage }, outputTokens);
}

/** An MP3 of about a third of a second: frame headers of a silent 64 kbit/s mono stream. */
export function speechReply(): Reply {
  const frame = new Uint8Array(208);
  frame.set([0xff, 0xfb, 0x52, 0xc4]);
  const audio = new Uint8Array(frame.length * 13);
  for (let at = 0; at < audio.length; at += frame.length) audio.set(frame, at);
  return binaryReply(audio, "audio/mpeg");
}

/** A PNG of one pixel. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const MAX_IMAGES = 10;

export function imagesReply(call: Call): Reply {
  const count = Math.min(MAX_IMAGES, Math.max(1, countIn(call.json, "n") ?? 1));
  return jsonReply({
    created: Math.floor(call.arrival.at / 1_000),
    data: Array.from({ length: count }, () => ({ b64_json: PIXEL })),
    usage: { input_tokens: call.promptTokens, output_tokens: 0, total_tokens: call.promptTokens },
  });
}

const CATEGORIES = ["harassment", "hate", "illicit", "self-harm", "sexual", "violence"] as const;

export function moderationsReply(call: Call): Reply {
  const results = inputsOf(call.json).map(() => ({
    flagged: false,
    categories: Object.fromEntries(CATEGORIES.map((name) => [name, false])),
    category_scores: Object.fromEntries(CATEGORIES.map((name) => [name, 0.0001])),
  }));
  return jsonReply({ id: newId("modr-"), model: call.model ?? "omni-moderation-latest", results });
}
