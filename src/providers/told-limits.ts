/** One limit as an answer's headers tell it. */
export interface ToldLimit {
  /** Undefined where the answer does not say. */
  readonly limit: number | undefined;
  readonly remaining: number;
  /** Milliseconds until nothing of it is used any more; undefined where the answer does not say. */
  readonly fullInMs: number | undefined;
}

/** What an answer says of its key's limits on its model. */
export interface ToldLimits {
  readonly requests: ToldLimit | undefined;
  readonly tokens: ToldLimit | undefined;
}

const COUNT = /^\d{1,15}(?:\.\d+)?$/;

/** No limit takes longer than a month to come back; what says so is broken, and must not shut a key out. */
const MAX_RESET_MS = 31 * 86_400_000;

/**
 * Makes a limit of what headers say.
 *
 * @returns undefined where they do not say what is left, or where that or the limit is negative (unknown),
 *   no number, or a limit of nothing
 */
export function toldLimit(
  limit: string | null,
  remaining: string | null,
  fullInMs: number | undefined,
): ToldLimit | undefined {
  if (remaining === null || !COUNT.test(remaining)) return undefined;
  if (limit !== null && !COUNT.test(limit)) return undefined;
  const most = limit === null ? undefined : Number(limit);
  if (most === 0) return undefined;
  return {
    limit: most,
    remaining: Math.min(Number(remaining), most ?? Number.POSITIVE_INFINITY),
    fullInMs: fullInMs === undefined || !(fullInMs >= 0) ? undefined : Math.min(fullInMs, MAX_RESET_MS),
  };
}
