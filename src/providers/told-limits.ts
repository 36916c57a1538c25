/** One limit as an answer's headers tell it. */
export interface ToldLimit {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until nothing of it is used any more. */
  readonly fullInMs: number;
}

/** What an answer says of its key's limits on its model. */
export interface ToldLimits {
  readonly requests: ToldLimit | undefined;
  readonly tokens: ToldLimit | undefined;
}

const COUNT = /^\d{1,15}(?:\.\d+)?$/;

/** No limit takes longer than a month to come back; what says so is broken, and must not shut a key out. */
const MAX_RESET_MS = 31 * 86_400_000;

/** Makes a limit of what headers say; undefined where a part is missing, negative (unknown) or no number. */
export function toldLimit(
  limit: string | null,
  remaining: string | null,
  fullInMs: number | undefined,
): ToldLimit | undefined {
  if (limit === null || remaining === null || fullInMs === undefined) return undefined;
  if (!COUNT.test(limit) || !COUNT.test(remaining) || !(fullInMs >= 0)) return undefined;
  const most = Number(limit);
  if (most === 0) return undefined;
  return {
    limit: most,
    remaining: Math.min(Number(remaining), most),
    fullInMs: Math.min(fullInMs, MAX_RESET_MS),
  };
}
