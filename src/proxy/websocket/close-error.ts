import { type ErrorFacts, NO_FACTS } from "../../providers/error-body.ts";
import { statusOfStreamError } from "../stream-error.ts";
import type { SocketEnd } from "./close-code.ts";

/** The error that the end of a WebSocket tells of, as an answer over HTTP would have told it. */
export interface CloseError {
  readonly status: number;
  readonly facts: ErrorFacts;
}

/**
 * What Google says in the reasons of its close frames, with the status of the same error over HTTP. The
 * codes tell little: a spent quota, a missing model and a fault of the server may all come with 1008 or 1011
 * (googleapis/python-genai, livekit/agents and discuss.ai.google.dev quote them). What stands before the
 * words, such as the id of a trace, is no part of the message.
 */
const REASONS: readonly (readonly [words: RegExp, status: number])[] = [
  [/\bRESOURCE_EXHAUSTED\b|\bquota\b|\brate limit|\bMaximum concurrent se/i, 429],
  [/\bAPI key (?:not valid|expired)\b/i, 400],
  [/\bYour API key was reported as leaked\b/i, 403],
  [/\bmodels\/[\w.-]+ is not (?:found|supported)\b/i, 404],
  [/\bPERMISSION_DENIED\b|\bhas been denied access\b|\bare blocked\b/i, 403],
  [/\bUNAVAILABLE\b|\boverloaded\b/i, 503],
];

/** OpenAI's form: `invalid_request_error.invalid_api_key`, with 3000. */
const TYPE_AND_CODE = /^([a-z_]+)\.([a-z_]+)$/;

/** Codes with which a server says that the client is at fault (https://www.iana.org/assignments/websocket). */
const CLIENT_ERRORS: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009, 1010]);

/** @returns undefined where the end is no error */
export function readCloseError({ code, reason }: SocketEnd): CloseError | undefined {
  if (code === 1000) return undefined;
  const [, type, name] = TYPE_AND_CODE.exec(reason) ?? [];
  if (type !== undefined && name !== undefined) {
    const facts = { ...NO_FACTS, type, code: name, message: reason };
    return { status: statusOfStreamError(facts), facts };
  }
  for (const [words, status] of REASONS) {
    const found = words.exec(reason);
    if (found !== null) return { status, facts: { ...NO_FACTS, message: reason.slice(found.index) } };
  }
  const isOwnCode = code >= 3000;
  return {
    status: CLIENT_ERRORS.has(code) || isOwnCode ? 400 : 502,
    facts: { ...NO_FACTS, message: reason },
  };
}
