import type { Api } from "../providers/api.ts";
import { GOOGLE_SOCKET } from "./websocket/beginning.ts";

/** A way into a JSON value: names of members in lower case, of which any counts, or each item of a list. */
export type Place = readonly (ReadonlySet<string> | "each")[];

const MODEL: ReadonlySet<string> = new Set(["model"]);
const REQUESTS: ReadonlySet<string> = new Set(["requests"]);
const SESSION: ReadonlySet<string> = new Set(["session"]);

/**
 * Where Google's requests name the model again, which must then be that of the path: countTokens,
 * batchEmbedContents, batchGenerateContent (https://ai.google.dev/api). Its JSON takes names in snake
 * case as well (https://protobuf.dev/programming-guides/json).
 */
const GEMINI_AGAIN: readonly Place[] = [
  [new Set(["generatecontentrequest", "generate_content_request"]), MODEL],
  [REQUESTS, "each", MODEL],
  [
    new Set(["batch"]),
    new Set(["inputconfig", "input_config"]),
    REQUESTS,
    REQUESTS,
    "each",
    new Set(["request"]),
    MODEL,
  ],
];

/** The first message of a session, and what a token for one is bound to (https://ai.google.dev/api/live). */
const GOOGLE_SETUP: readonly Place[] = [[new Set(["setup"]), MODEL]];
const GOOGLE_TOKEN: readonly Place[] = [
  [new Set(["bidigeneratecontentsetup", "bidi_generate_content_setup"]), MODEL],
];

/**
 * The session that a client secret or a call is for; one that only transcribes names no other model
 * (https://platform.openai.com/docs/api-reference/realtime-sessions).
 */
const REALTIME_SESSION: readonly Place[] = [
  [SESSION, MODEL],
  [SESSION, new Set(["audio"]), new Set(["input"]), new Set(["transcription"]), MODEL],
];

/** The same session where it stands by itself, as in a form's field. */
export const WITHIN_SESSION: readonly Place[] = REALTIME_SESSION.map(([, ...place]) => place);

/** https://docs.anthropic.com/en/api/creating-message-batches */
const MESSAGE_BATCH: readonly Place[] = [[REQUESTS, "each", new Set(["params"]), MODEL]];

const REALTIME_PATH = /\/realtime\/(?:[a-z]+\/)?(?:client_secrets|calls)$/;
const GOOGLE_TOKEN_PATH = /\/auth_tokens$/;

/** Where the model stands in a body that does not name it at its top; the first that is there counts. */
export function nestedPlaces(path: string): readonly Place[] {
  if (REALTIME_PATH.test(path)) return REALTIME_SESSION;
  if (GOOGLE_SOCKET.test(path)) return GOOGLE_SETUP;
  if (path.endsWith("/messages/batches")) return MESSAGE_BATCH;
  return GOOGLE_TOKEN_PATH.test(path) ? GOOGLE_TOKEN : [];
}

/** Everywhere in a body that its model may be named. */
export function allPlaces(api: Api, path: string): readonly Place[] {
  return [[MODEL], ...(api === "gemini" ? GEMINI_AGAIN : []), ...nestedPlaces(path)];
}
