import type { Api } from "../providers/api.ts";
import type { TokenUsage } from "../providers/outcome.ts";
import type { RequestSize } from "./request-size.ts";

/** Bytes of a request's text for one token of its input, as OpenAI's own limiter estimates it. */
const BYTES_PER_TOKEN = 4;

/** An image of middling size, a page or two, half a minute of sound. */
const TOKENS_OF_DATA = 1_000;

/** No model writes more at once; a request may ask for any number, and is then refused or held to this. */
const MOST_OUTPUT_TOKENS = 128_000;

/** Weight of the newest answer beside those before. */
const GAIN = 0.1;

/** How far a model's tokens may be from the estimate; one odd answer moves it by a tenth of that. */
const LEAST_RATIO = 0.1;
const MOST_RATIO = 10;

const MAX_MODELS = 1_000;

/** What requests for a model have used lately. */
interface Trend {
  output: number;
  /** Of the input as the provider counted it to the estimate: languages, images and cached prompts differ. */
  inputRatio: number;
}

const NOTHING_KNOWN: Trend = { output: 0, inputRatio: 1 };

/** Estimates the tokens of requests, the better the more answers of their model have told what they used. */
export class TokenTrends {
  readonly #byModel = new Map<string, Trend>();

  /** What a request is likely to count against a limit in tokens. */
  estimate(api: Api, model: string, size: RequestSize): number {
    const { output, inputRatio } = this.#byModel.get(model) ?? NOTHING_KNOWN;
    const asked = Math.min(size.askedTokens ?? Number.POSITIVE_INFINITY, MOST_OUTPUT_TOKENS);
    const counted = countsAsked(api) && size.askedTokens !== undefined ? asked : Math.min(asked, output);
    return Math.ceil(inputTokensOf(size) * inputRatio + counted);
  }

  observe(model: string, size: RequestSize, usage: TokenUsage): void {
    let trend = this.#byModel.get(model);
    if (trend === undefined) {
      if (this.#byModel.size >= MAX_MODELS) this.#byModel.clear();
      trend = { ...NOTHING_KNOWN, output: usage.outputTokens };
      this.#byModel.set(model, trend);
    }
    trend.output += GAIN * (usage.outputTokens - trend.output);
    const estimated = inputTokensOf(size);
    if (estimated === 0 || usage.inputTokens === 0) return;
    const ratio = Math.min(MOST_RATIO, Math.max(LEAST_RATIO, usage.inputTokens / estimated));
    trend.inputRatio += GAIN * (ratio - trend.inputRatio);
  }
}

/** Estimated from the request alone. */
export function inputTokensOf({ textBytes, dataStrings }: RequestSize): number {
  return textBytes / BYTES_PER_TOKEN + dataStrings * TOKENS_OF_DATA;
}

/**
 * Whether the output that a request allows counts when it arrives, used or not: at OpenAI and Azure it
 * does (https://platform.openai.com/docs/guides/rate-limits); at Anthropic what is written counts as it is
 * written (https://docs.anthropic.com/en/api/rate-limits), at Google none of it
 * (https://ai.google.dev/gemini-api/docs/rate-limits).
 */
function countsAsked(api: Api): boolean {
  return api === "openai" || api === "azure";
}
