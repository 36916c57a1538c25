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

/** Makes a limit of what headers say; undefined where a part is missing, negative (unknown) or no number. */
export function toldLimit(
  limit: string | null,
  remaining: string | null,
  fullInMs: number | undefined,
): ToldLimit | undefined {
  if (limit === null || remaining === null || fullInMs === undefined || !(fullInMs >= 0)) return undefined;
  const [most, left] = [Number(limit), Number(remaining)];
  if (!(most > 0) || !(left >= 0) || !Number.isFinite(most)) return undefined;
  return { limit: most, remaining: Math.min(left, most), fullInMs };
}
