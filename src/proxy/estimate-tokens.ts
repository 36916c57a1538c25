/** Bytes of a request's text for one token of its input, as OpenAI's own limiter estimates it. */
const BYTES_PER_TOKEN = 4;

/** Weight of the newest answer beside those before. */
const GAIN = 0.1;

const MAX_MODELS = 1_000;

/** How long answers of each model have been lately, for requests that do not say how long theirs may be. */
export class OutputMeans {
  readonly #byModel = new Map<string, number>();

  observe(model: string, outputTokens: number): void {
    const mean = this.#byModel.get(model);
    if (mean === undefined && this.#byModel.size >= MAX_MODELS) this.#byModel.clear();
    this.#byModel.set(model, mean === undefined ? outputTokens : mean + GAIN * (outputTokens - mean));
  }

  of(model: string): number {
    return this.#byModel.get(model) ?? 0;
  }
}

/**
 * What a request is likely to count against a limit in tokens.
 *
 * @param asked  the most output that the request allows; undefined where it does not say
 */
export function estimateTokens(bodyBytes: number, asked: number | undefined, mean: number): number {
  return Math.ceil(bodyBytes / BYTES_PER_TOKEN + (asked ?? mean));
}
