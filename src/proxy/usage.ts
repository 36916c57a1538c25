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
  const starts = [...text.matchAll(/"usage(?:Metadata)?"\s*:\s*(?=\{)/g)].map(
    (match) => match.index + match[0].length,
  );
  let last: TokenUsage | undefined;
  for (const start of starts.toReversed()) {
    const counts = countsAt(text, start);
    if (counts === undefined) continue;
    last ??= counts;
    if (counts.inputTokens > 0) return { inputTokens: counts.inputTokens, outputTokens: last.outputTokens };
  }
  return last;
}

function countsAt(text: string, start: number): TokenUsage | undefined {
  const json = objectAt(text, start);
  if (json === undefined) return undefined;
  let counts: unknown;
  try {
    counts = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!Value.Check(Counts, counts)) return undefined;
  const { prompt_tokens, input_tokens, promptTokenCount, completion_tokens, output_tokens } = counts;
  const inputTokens = prompt_tokens ?? input_tokens ?? promptTokenCount;
  const geminiOutput = (counts.candidatesTokenCount ?? 0) + (counts.thoughtsTokenCount ?? 0);
  const outputTokens = completion_tokens ?? output_tokens ?? geminiOutput;
  if (inputTokens === undefined && outputTokens === 0) return undefined;
  return { inputTokens: inputTokens ?? 0, outputTokens };
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
