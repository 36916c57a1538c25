import { ANTHROPIC } from "./anthropic-rows.ts";
import { AZURE } from "./azure-rows.ts";
import { GEMINI } from "./gemini-rows.ts";
import { OPENAI } from "./openai-rows.ts";
import { OPENAI_TOOLS } from "./openai-tool-rows.ts";
import type { EndpointRow } from "./row.ts";

/** In the order of the README. */
export const ENDPOINT_ROWS: readonly EndpointRow[] = [
  ...OPENAI,
  ...OPENAI_TOOLS,
  ...AZURE,
  ...ANTHROPIC,
  ...GEMINI,
];
