import { parseGoDuration } from "./go-duration.ts";
import { type ToldLimit, toldLimit, type ToldLimits } from "./told-limits.ts";

/** The headers that tell one limit. */
interface LimitHeaders {
  readonly limit: string;
  readonly remaining: string;
  /** Milliseconds until nothing of it is used any more; undefined where the answer does not say. */
  fullInMs(headers: Headers): number | undefined;
}

/** By which headers a provider tells its limits: of each kind those that come first in the list and are there. */
export interface LimitTable {
  readonly requests: readonly LimitHeaders[];
  readonly tokens: readonly LimitHeaders[];
}

/** OpenAI's: resets as Go durations (https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers). */
export const OPENAI_LIMITS: LimitTable = {
  requests: [endingIn("requests", parseGoDuration)],
  tokens: [endingIn("tokens", parseGoDuration)],
};

/** Mistral's: by the minute, without resets (seen: https://github.com/mistralai/client-ts/issues/169). */
export const MISTRAL_LIMITS = orElse(
  {
    requests: [endingIn("req-minute", readSeconds)],
    tokens: [endingIn("tokens-minute", readSeconds)],
  },
  OPENAI_LIMITS,
);

/**
 * Together's: by the second, and what changes with use before what is fixed; only one reset, that of
 * requests (https://docs.together.ai/docs/rate-limits, seconds as seen).
 */
export const TOGETHER_LIMITS = orElse(
  {
    requests: [bySecond("x-ratelimit", "-dynamic"), bySecond("x-ratelimit", "")],
    tokens: [bySecond("x-tokenlimit", "-dynamic"), bySecond("x-tokenlimit", "")],
  },
  OPENAI_LIMITS,
);

/** Of servers without a provider of their own here; Cerebras tells resets in seconds (https://inference-docs.cerebras.ai/support/rate-limits). */
export const COMPATIBLE_LIMITS = orElse(OPENAI_LIMITS, {
  requests: [endingIn("requests-day", readSeconds)],
  tokens: [endingIn("tokens-minute", readSeconds)],
});

export function readLimitHeaders(headers: Headers, table: LimitTable): ToldLimits | undefined {
  const requests = readFirst(headers, table.requests);
  const tokens = readFirst(headers, table.tokens);
  return requests === undefined && tokens === undefined ? undefined : { requests, tokens };
}

function readFirst(headers: Headers, rows: readonly LimitHeaders[]): ToldLimit | undefined {
  for (const row of rows) {
    const remaining = headers.get(row.remaining);
    // Most answers of most servers have none: one look is enough to tell.
    if (remaining !== null) return toldLimit(headers.get(row.limit), remaining, row.fullInMs(headers));
  }
  return undefined;
}

function endingIn(ending: string, readReset: (value: string) => number | undefined): LimitHeaders {
  const reset = `x-ratelimit-reset-${ending}`;
  return {
    limit: `x-ratelimit-limit-${ending}`,
    remaining: `x-ratelimit-remaining-${ending}`,
    fullInMs: (headers) => readReset(headers.get(reset) ?? ""),
  };
}

function bySecond(name: string, ending: string): LimitHeaders {
  const reset = `${name}-reset`;
  return {
    limit: `${name}-limit${ending}`,
    remaining: `${name}-remaining${ending}`,
    fullInMs: (headers) => readSeconds(headers.get(reset) ?? "") ?? 1_000,
  };
}

/** @returns milliseconds */
export function readSeconds(value: string): number | undefined {
  return /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1_000 : undefined;
}

function orElse(first: LimitTable, then: LimitTable): LimitTable {
  return {
    requests: [...first.requests, ...then.requests],
    tokens: [...first.tokens, ...then.tokens],
  };
}
