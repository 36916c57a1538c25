import type { AffinityMode } from "../config/config.ts";
import type { Affinity } from "../rotation/affinity.ts";
import { inputTokensOf } from "./estimate-tokens.ts";
import type { Exchange } from "./exchange.ts";
import { type MemberSpan, type ScanResult, scanTopLevel } from "./json-scan.ts";
import { hashPromptHead, PROMPT_FIELDS } from "./prompt-head.ts";
import { OUTPUT_FIELDS } from "./request-size.ts";

/** The word of a client that knows which requests belong together; never sent on. */
const HEADER = "x-keycycle-affinity";

/** OpenAI's own (https://platform.openai.com/docs/guides/prompt-caching). */
const CACHE_KEY = "prompt_cache_key";

/** Whom a request is made for: OpenAI's, the newer first. */
const PERSONS = ["safety_identifier", "user"] as const;

/** Anthropic has the person, and Claude Code with it the session, in `metadata.user_id`. */
const METADATA = "metadata";
const USER_ID: ReadonlySet<string> = new Set(["user_id"]);

/**
 * The shortest prompt that any provider caches: 1,024 tokens at OpenAI, Anthropic and Google. Less, with
 * nothing said of whose it is, belongs with nothing, and the strategy places it.
 */
const LEAST_TOKENS = 1_024;

/** No shorter body has so many, by our own estimate. */
const LEAST_BYTES = 4_000;

const SHORT: ReadonlySet<string> = new Set([...OUTPUT_FIELDS, CACHE_KEY, ...PERSONS, METADATA]);
const LONG: ReadonlySet<string> = new Set([...SHORT, ...PROMPT_FIELDS]);

/** What the one pass over a body is to note: what tells the request's size, and what its affinity. */
export function fieldsToNote(mode: AffinityMode, body: Buffer | undefined): ReadonlySet<string> {
  if (mode !== "prompt-cache") return OUTPUT_FIELDS;
  return body === undefined || body.length < LEAST_BYTES ? SHORT : LONG;
}

/** Where a prompt is continued; what else has an `input` or a `user` is not cached. */
const GENERATES = /\/(?:completions|responses|messages|interactions)$|:(?:g|streamG)enerateContent$/;

/**
 * Which requests this one belongs with: as its client says in a header, as the configuration has it for all
 * of a client, as it says to the provider, or those that begin as it does.
 *
 * @param scan  of the body, with `fieldsToNote`
 * @returns undefined where it belongs with none
 */
export function affinityOf(
  exchange: Pick<Exchange, "runtime" | "request" | "path" | "client" | "size">,
  body: Buffer | undefined,
  scan: ScanResult | undefined,
): Affinity | undefined {
  const mode = exchange.runtime.config.rotation.affinity;
  if (mode === "none") return undefined;
  const said = exchange.request.headers.get(HEADER);
  if (said !== null && said !== "") return affinityTo(Bun.hash.xxHash3(said));
  if (mode === "client") {
    return exchange.runtime.clients.length === 0 ? undefined : affinityTo(Bun.hash.xxHash3(exchange.client));
  }
  if (body === undefined || scan?.kind !== "found") return undefined;
  const { members } = scan;
  const cacheKey = textOf(body, members.get(CACHE_KEY));
  if (cacheKey !== undefined) return affinityTo(Bun.hash.xxHash3(cacheKey));
  if (!GENERATES.test(exchange.path)) return undefined;
  const person = personIn(body, members);
  if (person !== undefined) return affinityTo(Bun.hash.xxHash3(person));
  if (inputTokensOf(exchange.size) < LEAST_TOKENS) return undefined;
  const head = hashPromptHead(body, members);
  return head === undefined ? undefined : affinityTo(head);
}

function personIn(body: Buffer, members: ReadonlyMap<string, MemberSpan>): Buffer | undefined {
  for (const name of PERSONS) {
    const person = textOf(body, members.get(name));
    if (person !== undefined) return person;
  }
  const metadata = members.get(METADATA);
  if (metadata === undefined) return undefined;
  const inner = body.subarray(metadata.start, metadata.end);
  const scan = scanTopLevel(inner, USER_ID);
  return scan.kind === "found" ? textOf(inner, scan.members.get("user_id")) : undefined;
}

/** The bytes of a string as they stand there; undefined where it is empty, or no string. */
function textOf(body: Buffer, span: MemberSpan | undefined): Buffer | undefined {
  if (span?.kind !== "string" || span.end - span.start <= 2) return undefined;
  return body.subarray(span.start + 1, span.end - 1);
}

function affinityTo(hash: bigint): Affinity {
  return { hash: Number(BigInt.asUintN(32, hash)), home: undefined };
}
