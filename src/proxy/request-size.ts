import { type MemberSpan, type ScanResult, scanTopLevel } from "./json-scan.ts";

/** What a request's tokens are estimated from. */
export interface RequestSize {
  /** Of words, and of the JSON around them. */
  readonly textBytes: number;
  /** Images, sounds, documents: their tokens have little to do with their bytes. */
  readonly dataStrings: number;
  /** The most output tokens that the request allows; undefined where it does not say. */
  readonly askedTokens: number | undefined;
}

export const NO_SIZE: RequestSize = { textBytes: 0, dataStrings: 0, askedTokens: undefined };

/** A form or an upload is one thing, however large. */
const ONE_THING: RequestSize = { ...NO_SIZE, dataStrings: 1 };

/**
 * The fields in which a request says how much output it allows, in lower case as the scan has them: those
 * of chat completions, Anthropic's messages and responses, and the object in which Gemini has its own.
 */
export const OUTPUT_FIELDS: ReadonlySet<string> = new Set([
  "max_completion_tokens",
  "max_tokens",
  "max_output_tokens",
  "generationconfig",
  "generation_config",
]);

const NONE: ReadonlySet<string> = new Set();
const GEMINI_FIELDS: ReadonlySet<string> = new Set(["maxoutputtokens", "max_output_tokens"]);

/** @param scan  of the body with `OUTPUT_FIELDS`; undefined where it is not JSON */
export function sizeOf(
  body: Buffer | undefined,
  scan: ScanResult | undefined,
  contentType: string,
): RequestSize {
  if (body === undefined || body.length === 0) return NO_SIZE;
  if (scan?.kind === "found") {
    const { data } = scan;
    return {
      textBytes: body.length - data.bytes,
      dataStrings: data.strings,
      askedTokens: askedIn(body, scan),
    };
  }
  return TEXT.test(contentType) ? { ...NO_SIZE, textBytes: body.length } : ONE_THING;
}

const TEXT = /^$|\bjson\b|^text\//i;

function askedIn(body: Buffer, { members }: Extract<ScanResult, { kind: "found" }>): number | undefined {
  for (const [name, span] of members) {
    if (!OUTPUT_FIELDS.has(name)) continue;
    const asked = readCount(body, span);
    if (asked !== undefined) return asked;
    const inner = body.subarray(span.start, span.end);
    const scan = scanTopLevel(inner, NONE, GEMINI_FIELDS);
    if (scan.kind !== "found") continue;
    for (const innerSpan of scan.members.values()) return readCount(inner, innerSpan);
  }
  return undefined;
}

/** A count, written in digits alone; undefined where the member is none. */
function readCount(bytes: Buffer, span: MemberSpan): number | undefined {
  let value = 0;
  for (let at = span.start; at < span.end; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
