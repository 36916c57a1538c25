import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/**
 * The requests that make what only their key can go on with: OpenAI's and Azure's client secrets, the
 * sessions of the API before it, and Google's tokens, which stand in the answer; and calls over WebRTC,
 * which the answer's `location` names (https://platform.openai.com/docs/api-reference/realtime-sessions,
 * https://ai.google.dev/gemini-api/docs/ephemeral-tokens).
 */
const MINTS =
  /\/realtime\/(?:[a-z]+\/)?(?:client_secrets|sessions|transcription_sessions|calls)$|\/auth_tokens$/;

/** Google's default, and longer than OpenAI's sessions last. */
const TOKEN_MS = 30 * 60_000;
const CALL_MS = 2 * 3_600_000;

export type Mint = "token" | "call";

/** What a request may make that only its key can go on with; undefined for nothing. */
export function mintsAt(method: string, path: string): Mint | undefined {
  if (method !== "POST" || !MINTS.test(path)) return undefined;
  return path.endsWith("/calls") ? "call" : "token";
}

/** A token or a call, and when it is of no more use, epoch milliseconds. */
export interface Minted {
  readonly name: string;
  readonly expiresMs: number;
}

const Secret = Type.Object({ value: Type.String(), expires_at: Type.Optional(Type.Number()) });
const OldSession = Type.Object({ client_secret: Secret });
const GoogleToken = Type.Object({
  name: Type.TemplateLiteral("auth_tokens/${string}"),
  expireTime: Type.Optional(Type.String()),
});

/** The token in the body of an answer; undefined where there is none. */
export function tokenIn(text: string, now: number): Minted | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const secret = Value.Check(OldSession, body) ? body.client_secret : body;
  if (Value.Check(Secret, secret)) {
    const { value, expires_at } = secret;
    return { name: value, expiresMs: expires_at === undefined ? now + TOKEN_MS : expires_at * 1000 };
  }
  if (!Value.Check(GoogleToken, body)) return undefined;
  const expiresMs = Date.parse(body.expireTime ?? "");
  return { name: body.name, expiresMs: Number.isNaN(expiresMs) ? now + TOKEN_MS : expiresMs };
}

/** The call that an answer's `location` names: `/v1/realtime/calls/rtc_...`. */
export function callIn(headers: Headers, now: number): Minted | undefined {
  const name = /\/calls\/([\w-]+)$/.exec(headers.get("location") ?? "")?.[1];
  return name === undefined ? undefined : { name, expiresMs: now + CALL_MS };
}
