import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import type { TokenUsage } from "../providers/outcome.ts";

/** The names that each API gives its counts. */
const Counts = Type.Object({
  prompt_tokens: Type.Optional(Type.Number()),
  completion_tokens: Type.Optional(Type.Number()),
  input_tokens: Type.Optional(Type.Number()),
  output_tokens: Type.Optional(Type.Number()),
  promptTokenCount: Type.Optional(Type.Number()),
  candidatesTokenCount: Type.Optional(Type.Number()),
  thoughtsTokenCount: Type.Optional(Type.Number()),
});

/** A usage object is some hundred bytes. */
const MAX_USAGE_LENGTH = 4096;

/**
 * The tokens that an answer says it used, from the last usage object in its text: OpenAI's and
 * Anthropic's `usage`, Gemini's `usageMetadata`. In a stream the last one counts for all before it, but
 * Anthropic tells the input only in the first (`message_start`), so both ends are read.
 *
 * @param text  a whole answer, or the beginning and the end of one
 * @returns undefined where nothing is said
 */
export function readUsage(text: string): TokenUsage | undefined {
  const last = countsAt(text, text.lastIndexOf('"usage'));
  if (last === undefined) return undefined;
  if (last.inputTokens > 0) return last;
  const first = countsAt(text, text.indexOf('"usage'));
  return { inputTokens: first?.inputTokens ?? 0, outputTokens: last.outputTokens };
}

function countsAt(text: string, at: number): TokenUsage | undefined {
  if (at < 0) return undefined;
  const start = text.indexOf("{", at);
  if (start < 0 || !/^"usage(?:Metadata)?"\s*:\s*$/.test(text.slice(at, start))) return undefined;
  const json = objectAt(text, start);
  if (json === undefined) return undefined;
  let counts: unknown;
  try {
    counts = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!Value.Check(Counts, counts)) return undefined;
  return {
    inputTokens: counts.prompt_tokens ?? counts.input_tokens ?? counts.promptTokenCount ?? 0,
    outputTokens:
      counts.completion_tokens ??
      counts.output_tokens ??
      (counts.candidatesTokenCount ?? 0) + (counts.thoughtsTokenCount ?? 0),
  };
}

/** The JSON object that begins at `start`. Usage objects hold no braces in strings, so counting suffices. */
function objectAt(text: string, start: number): string | undefined {
  let depth = 0;
  const end = Math.min(text.length, start + MAX_USAGE_LENGTH);
  for (let at = start; at < end; at += 1) {
    if (text[at] === "{") depth += 1;
    if (text[at] === "}") depth -= 1;
    if (depth === 0) return text.slice(start, at + 1);
  }
  return undefined;
}
