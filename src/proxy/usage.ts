import type { TokenUsage } from "../providers/outcome.ts";

/** A usage object is some hundred bytes. */
const MAX_USAGE_LENGTH = 4096;

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What stands between the word and its object, from the end of `"usage` on. */
const UP_TO_OBJECT = /(?:Metadata)?"\s*:\s*(?=\{)/y;

/**
 * The tokens that an answer says it used, from the last usage object in its text: OpenAI's and
 * Anthropic's `usage`, Gemini's `usageMetadata`. In a stream the last one counts for all before it, but
 * Anthropic tells the input only in the first (`message_start`), so both ends are read.
 *
 * @param text  a whole answer, or the beginning and the end of one
 * @returns undefined where nothing is said
 */
export function readUsage(text: string): TokenUsage | undefined {
  let last: TokenUsage | undefined;
  let at = text.length;
  while (at > 0) {
    at = text.lastIndexOf('"usage', at - 1);
    if (at < 0) break;
    UP_TO_OBJECT.lastIndex = at + '"usage'.length;
    if (!UP_TO_OBJECT.test(text)) continue;
    const counts = countsAt(text, UP_TO_OBJECT.lastIndex);
    if (counts === undefined) continue;
    last ??= counts;
    if (counts.inputTokens > 0) {
      return last === counts ? counts : { inputTokens: counts.inputTokens, outputTokens: last.outputTokens };
    }
  }
  return last;
}

/** The counts by the names that each API gives them. */
function countsAt(text: string, start: number): TokenUsage | undefined {
  const json = objectAt(text, start);
  if (json === undefined) return undefined;
  let counts: unknown;
  try {
    counts = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!isObject(counts)) return undefined;
  const inputTokens = count(counts["prompt_tokens"] ?? counts["input_tokens"] ?? counts["promptTokenCount"]);
  const outputTokens =
    count(counts["completion_tokens"] ?? counts["output_tokens"]) ??
    (count(counts["candidatesTokenCount"] ?? counts["responseTokenCount"]) ?? 0) +
      (count(counts["thoughtsTokenCount"]) ?? 0);
  if (inputTokens === undefined && outputTokens === 0) return undefined;
  return { inputTokens: inputTokens ?? 0, outputTokens };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : undefined;
}

/** The JSON object that begins at `start`. Usage objects hold no braces in strings, so counting suffices. */
function objectAt(text: string, start: number): string | undefined {
  let depth = 0;
  const end = Math.min(text.length, start + MAX_USAGE_LENGTH);
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === OPEN_BRACE) depth += 1;
    else if (code === CLOSE_BRACE) depth -= 1;
    if (depth === 0) return text.slice(start, at + 1);
  }
  return undefined;
}
