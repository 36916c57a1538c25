import type { Call } from "./call.ts";
import { fieldOf } from "./json.ts";

/** What of a prompt its account's cache knows, as one request finds it. */
export interface CachedPrompt {
  /** Read from the cache: a whole number of blocks, and none below the least prompt that is cached. */
  readonly readTokens: number;
  /** What the request adds to it. */
  readonly writtenTokens: number;
  /** Each block of the prompt, hashed with all before it. */
  readonly blocks: readonly bigint[];
}

/**
 * The providers' prompt cache in miniature, for one account: a prompt is cut into blocks, of which the first
 * that were there before, in the same order, need not be read again. OpenAI's documentation has the numbers
 * (https://platform.openai.com/docs/guides/prompt-caching): from 1,024 tokens on, in steps of 128, forgotten
 * after five minutes without use.
 */
export class PromptCache {
  /** Epoch milliseconds of the last use, the longest unused first. */
  readonly #usedMs = new Map<bigint, number>();

  find(call: Call): CachedPrompt {
    const now = call.arrival.at;
    const blocks = blocksOf(call);
    let known = 0;
    for (const block of blocks) {
      if (now - (this.#usedMs.get(block) ?? Number.NEGATIVE_INFINITY) > LIFETIME_MS) break;
      known += 1;
    }
    if (known < LEAST_BLOCKS) known = 0;
    const written = blocks.length < LEAST_BLOCKS ? 0 : blocks.length - known;
    return { readTokens: known * BLOCK_TOKENS, writtenTokens: written * BLOCK_TOKENS, blocks };
  }

  /** To be called when the request that found it is served. */
  keep({ blocks }: CachedPrompt, now: number): void {
    for (const block of blocks) {
      this.#usedMs.delete(block);
      this.#usedMs.set(block, now);
    }
    for (const [block, usedMs] of this.#usedMs) {
      if (this.#usedMs.size <= MAX_BLOCKS && now - usedMs <= LIFETIME_MS) return;
      this.#usedMs.delete(block);
    }
  }
}

const BLOCK_TOKENS = 128;
const BYTES_PER_TOKEN = 4;
const BLOCK_BYTES = BLOCK_TOKENS * BYTES_PER_TOKEN;
const LEAST_BLOCKS = 1_024 / BLOCK_TOKENS;
const LIFETIME_MS = 5 * 60_000;
const MAX_BLOCKS = 100_000;
/** No model reads so much: what is larger is not a prompt. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

const GENERATES = /(?:completions|responses|messages|enerateContent)$/;

/** In the order in which the providers read them. */
const PARTS = [
  "tools",
  "instructions",
  "system",
  "systemInstruction",
  "messages",
  "contents",
  "input",
  "prompt",
] as const;

/** Anthropic caches only where a client asks for it, which moves its mark on with the conversation. */
const MARK = "cache_control";

function blocksOf({ operation, model, json, arrival }: Call): bigint[] {
  const blocks: bigint[] = [];
  const size = arrival.body.length;
  if (size < LEAST_BLOCKS * BLOCK_BYTES || size > MAX_BODY_BYTES || !GENERATES.test(operation)) return blocks;
  let text = "";
  let isMarked = false;
  for (const name of PARTS) {
    const part = fieldOf(json, name);
    if (part === undefined) continue;
    text += JSON.stringify(part, (field, value: unknown) => {
      isMarked ||= field === MARK;
      return field === MARK ? undefined : value;
    });
  }
  if (operation === "POST messages" && !isMarked) return blocks;
  const bytes = Buffer.from(text);
  let hash = Bun.hash.xxHash3(model ?? "");
  for (let end = BLOCK_BYTES; end <= bytes.length; end += BLOCK_BYTES) {
    hash = Bun.hash.xxHash3(bytes.subarray(end - BLOCK_BYTES, end), hash);
    blocks.push(hash);
  }
  return blocks;
}
