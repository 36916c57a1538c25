import { classifyCommon } from "./classify.ts";
import { placeBearer } from "./openai.ts";
import type { Outcome } from "./outcome.ts";
import type { FreeCall, Provider, Refusal } from "./provider.ts";
import { type ToldLimit, toldLimit, type ToldLimits } from "./told-limits.ts";

/**
 * Anthropic (https://docs.anthropic.com/en/api/errors, .../rate-limits): `x-api-key`, resets as RFC 3339
 * instants; OpenAI's SDK is answered too, with a Bearer credential.
 */
export const anthropic: Provider = {
  name: "anthropic",
  serves: (api) => api === "anthropic" || api === "openai",
  placeCredential(headers, secret, api) {
    if (api === "anthropic") headers.set("x-api-key", secret);
    else placeBearer(headers, secret);
  },
  classify,
  readLimits,
  // Opus 4.x have one limit for their traffic together, Sonnet 4.x another (https://docs.anthropic.com/en/api/rate-limits).
  sharedLimits: [/^claude-opus-4(?:-|$)/, /^claude-sonnet-4(?:-|$)/],
  freeCall: () => ({ ...MODEL_LIST, query: "?limit=1" }),
  modelList: () => MODEL_LIST,
};

/** https://docs.anthropic.com/en/api/models-list */
export const MODEL_LIST: FreeCall = {
  path: "/v1/models",
  query: "?limit=1000",
  headers: { "anthropic-version": "2023-06-01" },
  apis: ["anthropic"],
};

/** From their first word on: validation errors, 400 as well, quote what the client sent. */
const NO_MONEY =
  /^Your credit balance is too low|^You have reached your .*(?:spend(?:ing)? limit|usage limits?)\b/;

function classify(refusal: Refusal): Outcome {
  const { status, facts } = refusal;
  if ((status === 400 || status === 403) && NO_MONEY.test(facts.message)) {
    return {
      kind: "spent",
      reason: facts.type || "billing",
      retryAfterMs: readAccessBack(facts.message, refusal.now),
    };
  }
  if (status === 400 && facts.message.startsWith("This organization has been disabled")) {
    return { kind: "dead", reason: "organization disabled", certain: true };
  }
  if (status === 404 && facts.message.startsWith("model:")) return { kind: "unserved-model" };
  if (status === 403 && facts.type === "permission_error") {
    const aboutOneThing = /\bmodels?\b|\bresource\b|\bfiles?\b|\bbeta\b|\bfeature\b/i.test(facts.message);
    return aboutOneThing
      ? { kind: "unserved-model" }
      : { kind: "dead", reason: "permission_error", certain: true };
  }
  return classifyCommon(refusal, readReset(refusal.headers, refusal.now));
}

/** "You will regain access on 2025-12-01 at 00:00 UTC." */
function readAccessBack(message: string, now: number): number | undefined {
  const match = /regain access on (\d{4}-\d\d-\d\d) at (\d\d:\d\d) UTC/.exec(message);
  const at = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}Z`);
  return at > now ? at - now : undefined;
}

/** `tokens` shows the tightest of the token limits that are in force; where it is missing, they tell it. */
function readLimits(headers: Headers, now: number): ToldLimits | undefined {
  const requests = readLimit(headers, "requests", now);
  const tokens =
    readLimit(headers, "tokens", now) ??
    tighter(readLimit(headers, "input-tokens", now), readLimit(headers, "output-tokens", now));
  return requests === undefined && tokens === undefined ? undefined : { requests, tokens };
}

function readLimit(headers: Headers, counts: string, now: number): ToldLimit | undefined {
  const remaining = headers.get(`anthropic-ratelimit-${counts}-remaining`);
  if (remaining === null) return undefined;
  const fullInMs = Date.parse(headers.get(`anthropic-ratelimit-${counts}-reset`) ?? "") - now;
  return toldLimit(
    headers.get(`anthropic-ratelimit-${counts}-limit`),
    remaining,
    Number.isNaN(fullInMs) ? undefined : Math.max(0, fullInMs),
  );
}

/** Of which the lesser part is left; what came in where they are even. */
function tighter(input: ToldLimit | undefined, output: ToldLimit | undefined): ToldLimit | undefined {
  if (input === undefined || output === undefined) return input ?? output;
  return partLeft(output) < partLeft(input) ? output : input;
}

function partLeft({ remaining, limit = remaining + 1 }: ToldLimit): number {
  return remaining / limit;
}

const LIMITS = ["requests", "tokens", "input-tokens", "output-tokens"];

/** The latest reset among the limits that are used up: before it the next request is refused again. */
function readReset(headers: Headers, now: number): number | undefined {
  let latest = 0;
  for (const limit of LIMITS) {
    if (headers.get(`anthropic-ratelimit-${limit}-remaining`) !== "0") continue;
    const at = Date.parse(headers.get(`anthropic-ratelimit-${limit}-reset`) ?? "");
    if (at > latest) latest = at;
  }
  return latest > now ? latest - now : undefined;
}
