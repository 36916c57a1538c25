import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

import { readErrorBody } from "../../providers/error-body.ts";
import type { Outcome } from "../../providers/outcome.ts";
import { errorIn } from "../error-inside.ts";
import type { UpstreamKey } from "../runtime.ts";
import { statusOfStreamError } from "../stream-error.ts";
import { BROKEN_OFF, type SocketEnd } from "./close-code.ts";
import { type CloseError, readCloseError } from "./close-error.ts";
import type { Message } from "./upstream-socket.ts";

/** An error is short; what is longer is not looked into. */
const MAX_ERROR_BYTES = 16 * 1024;

const ERROR_WORD = Buffer.from('"error"');

/** What the first thing that came from an upstream means for the session. */
export function judgeFirstWords(key: UpstreamKey, words: Message | SocketEnd, now: number): Outcome {
  if ("data" in words) return judgeMessage(key, words, now) ?? { kind: "served" };
  if (words.code === BROKEN_OFF)
    return { kind: "upstream-failure", reason: "closed before the first message" };
  return judgeEnd(key, words, now) ?? { kind: "client-error" };
}

/** What a message says that is an error, or tells of one; undefined where it is none. */
export function judgeMessage(key: UpstreamKey, { data }: Message, now: number): Outcome | undefined {
  if (data.length > MAX_ERROR_BYTES || !data.includes(ERROR_WORD)) return undefined;
  const text = data.toString();
  const error = errorIn(text) ?? errorOfResponse(text);
  return error === undefined ? undefined : classify(key, readErrorEvent(error), now);
}

/** What a close frame says that tells of an error; undefined where it does not. */
export function judgeEnd(key: UpstreamKey, end: SocketEnd, now: number): Outcome | undefined {
  const error = readCloseError(end);
  return error && classify(key, error, now);
}

function classify({ provider }: UpstreamKey, { status, facts }: CloseError, now: number): Outcome {
  return provider.classify({ status, headers: NO_HEADERS, facts, now });
}

const NO_HEADERS = new Headers();

/** Events of the Responses API have the status that HTTP would have had beside the error. */
function readErrorEvent(text: string): CloseError {
  const facts = readErrorBody(text);
  const status = Number(/"status"\s*:\s*(\d{3})\b/.exec(text)?.[1]);
  return { status: status >= 400 ? status : statusOfStreamError(facts), facts };
}

const ErrorObject = Type.Object({ code: Type.Unknown() });

/** OpenAI's events for a response that failed, for want of money among others. */
const FailedResponse = Type.Object({
  response: Type.Union([
    Type.Object({ error: ErrorObject }),
    Type.Object({ status_details: Type.Object({ error: ErrorObject }) }),
  ]),
});

/** The error of the response that an event is about, as an error by itself. */
function errorOfResponse(text: string): string | undefined {
  if (!text.includes('"failed"')) return undefined;
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Value.Check(FailedResponse, event)) return undefined;
  const { response } = event;
  return JSON.stringify({ error: "error" in response ? response.error : response.status_details.error });
}
