import { endOfString } from "./json-bytes.ts";
import type { MemberSpan } from "./json-scan.ts";

type Members = ReadonlyMap<string, MemberSpan>;

/** What stands before a conversation, in lower case: OpenAI's, Anthropic's, Gemini's. */
const FRAMES = ["instructions", "system", "systeminstruction", "system_instruction"] as const;
/** The conversation: of chat completions and Anthropic, Gemini, responses, and legacy completions. */
const CONVERSATIONS = ["messages", "contents", "input", "prompt"] as const;

/** The fields that `hashPromptHead` looks at, in lower case as the scan has them. */
export const PROMPT_FIELDS: readonly string[] = ["tools", ...FRAMES, ...CONVERSATIONS];

/** Of each field no more is looked at: two prompts that agree in so much share a cache in any case. */
const MOST_BYTES = 64 * 1024;
/** Descriptions of tools are many small things; the first of them tell the set. */
const MOST_TOOL_BYTES = 4 * 1024;

/**
 * A hash of what stays the same while a conversation goes on: its tools, its system prompt, and its messages
 * up to the first of the user. Of each of these but the tools the longest string counts, since clients move
 * marks such as Anthropic's `cache_control` from message to message, write a text now as a string and now as
 * a list of parts, and put a line that differs each time in front of the system prompt (Claude Code).
 *
 * @returns undefined where there is no conversation
 */
export function hashPromptHead(bytes: Buffer, members: Members): bigint | undefined {
  let conversation: MemberSpan | undefined;
  for (const name of CONVERSATIONS) conversation ??= members.get(name);
  if (conversation === undefined) return undefined;
  let hash = 0n;
  const tools = members.get("tools");
  if (tools !== undefined) {
    hash = hashOf(bytes, tools.start, Math.min(tools.end, tools.start + MOST_TOOL_BYTES), hash);
  }
  for (const name of FRAMES) {
    const frame = members.get(name);
    if (frame !== undefined) hash = hashLongest(bytes, frame, hash);
  }
  return hashLongest(bytes, conversation, hash, bytes[conversation.start] === OPEN_BRACKET);
}

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Who speaks before the user does. */
const OTHER_ROLES: ReadonlySet<string> = new Set(["system", "developer", "assistant", "model"]);

/** @param byMessage  of each message up to the first of the user, rather than of all there is */
function hashLongest(bytes: Buffer, { start, end }: MemberSpan, seed: bigint, byMessage = false): bigint {
  const view = bytes.subarray(0, Math.min(end, start + MOST_BYTES));
  let hash = seed;
  let from = start;
  let to = start;
  let isOfUser = true;
  let depth = 0;
  for (let at = start; at < view.length;) {
    const byte = view[at];
    if (byte === QUOTE) {
      const close = endOfString(view, at);
      const stringEnd = close < 0 ? view.length : close;
      if (stringEnd - at > to - from) {
        from = at;
        to = stringEnd;
      }
      if (byMessage && depth === 2 && isOtherRole(view, at, stringEnd)) isOfUser = false;
      at = stringEnd;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (byMessage && depth === 1) {
        hash = hashOf(view, from, to, hash);
        if (isOfUser) return hash;
        to = from;
        isOfUser = true;
      }
    }
    at += 1;
  }
  return to === from ? hash : hashOf(view, from, to, hash);
}

function isOtherRole(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start - 2;
  return length >= 5 && length <= 9 && OTHER_ROLES.has(bytes.toString("latin1", start + 1, end - 1));
}

function hashOf(bytes: Buffer, start: number, end: number, seed: bigint): bigint {
  return Bun.hash.xxHash3(bytes.subarray(start, end), seed);
}
