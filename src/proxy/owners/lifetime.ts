const DAY_MS = 86_400_000;

/**
 * For how long it is worth knowing whose an id is, by what it begins with: as long as the provider keeps
 * the thing. Too long costs a row in a table; too short, one search among the keys.
 */
const LIFETIMES: readonly (readonly [prefix: string, days: number])[] = [
  // https://platform.openai.com/docs/guides/your-data: stored responses and what they hold.
  ["resp_", 30],
  ["rs_", 30],
  ["msg_", 30],
  ["fc_", 30],
  ["encrypted ", 30],
  ["cntr_", 30],
  ["cfile_", 30],
  // https://docs.anthropic.com/en/docs/build-with-claude/batch-processing, .../code-execution-tool
  ["msgbatch_", 29],
  ["container_", 30],
  // https://ai.google.dev/gemini-api/docs/files: 48 hours; upload sessions last a week.
  ["files/", 2],
  ["upload_id ", 7],
  ["cachedContents/", 30],
  ["interactions/", 55],
];

/** From its last use on, where the provider keeps it until it is deleted. */
const DEFAULT_DAYS = 90;

/** In milliseconds. */
export function lifetimeOf(id: string): number {
  const days = LIFETIMES.find(([prefix]) => id.startsWith(prefix))?.[1] ?? DEFAULT_DAYS;
  return days * DAY_MS;
}
