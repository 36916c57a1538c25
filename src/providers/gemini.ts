import type { KeyConfig } from "../config/config.ts";
import type { Api } from "./api.ts";
import { classifyCommon } from "./classify.ts";
import { hasOpenAiBase, LIST_OF_MODELS, placeBearer } from "./openai.ts";
import type { Outcome } from "./outcome.ts";
import type { FreeCall, Provider, Refusal } from "./provider.ts";

/**
 * Gemini (https://ai.google.dev/gemini-api/docs/troubleshooting, .../rate-limits): `x-goog-api-key`, no
 * limit headers, all hints in the error's `details`.
 */
export const gemini: Provider = {
  name: "gemini",
  serves: (api, key) => api === "gemini-openai" || api === (hasOpenAiBase(key) ? "openai" : "gemini"),
  placeCredential(headers, secret, api) {
    if (api === "gemini") headers.set("x-goog-api-key", secret);
    else placeBearer(headers, secret);
  },
  classify,
  readLimits: () => undefined,
  sharedLimits: [],
  freeCall: (key) => (hasOpenAiBase(key) ? LIST_OF_MODELS : { ...ownModelList(key), query: "?pageSize=1" }),
  modelList: (api, key) => (hasOpenAiBase(key) ? LIST_OF_MODELS : modelListOf(api, key)),
};

/** As Google has it for clients of its own API, and of OpenAI's (https://ai.google.dev/gemini-api/docs/openai#list-models). */
export function modelListOf(api: Api, key: Pick<KeyConfig, "url">): FreeCall {
  return api === "gemini" ? ownModelList(key) : { ...LIST_OF_MODELS, path: "/v1beta/openai/models" };
}

/** https://ai.google.dev/api/models#method:-models.list, at most 1,000 a page. */
function ownModelList({ url }: Pick<KeyConfig, "url">): FreeCall {
  const path = url.endsWith("/v1") ? "/v1/models" : "/v1beta/models";
  return { path, query: "?pageSize=1000", headers: {}, apis: ["gemini"] };
}

function classify(refusal: Refusal): Outcome {
  const { status, facts, now } = refusal;
  if (status === 429 && facts.quotaIds.some((id) => id.includes("PerDay"))) {
    // The retryDelay beside a daily quota is that of the minute; the day's quota returns at midnight
    // Pacific time (https://ai.google.dev/gemini-api/docs/rate-limits).
    return { kind: "spent", reason: "daily quota", retryAfterMs: untilMidnightPacificMs(now) };
  }
  if (
    status === 400 &&
    facts.type === "FAILED_PRECONDITION" &&
    /location|country|region/i.test(facts.message)
  ) {
    return { kind: "dead", reason: "FAILED_PRECONDITION", certain: true };
  }
  if (status === 400 && /^API key (?:not valid|expired)\. Please /.test(facts.message)) {
    return { kind: "dead", reason: "API_KEY_INVALID", certain: true };
  }
  if (status === 404 && facts.message.startsWith("models/")) return { kind: "unserved-model" };
  // To a key, what another project has looks the same as what nobody has.
  if (status === 403 && THING_MISSING.test(facts.message)) return { kind: "client-error" };
  return classifyCommon(refusal, undefined);
}

/** As users report it (https://github.com/googleapis/python-genai/issues/1218), from its first word on. */
const THING_MISSING =
  /^You do not have permission to access the \w+ \S+ or it may not exist|^\w+ not found \(or permission denied\)/;

let pacificTime: Intl.DateTimeFormat | undefined;

/** Made when first needed: it takes 30 ms, a third of the time that the program has to start. */
function pacificClock(): Intl.DateTimeFormat {
  pacificTime ??= new Intl.DateTimeFormat("en-US", {
    timeZone: "America/Los_Angeles",
    hourCycle: "h23",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return pacificTime;
}

/** Milliseconds from `now` (epoch milliseconds) to the next midnight in Los Angeles. */
export function untilMidnightPacificMs(now: number): number {
  const estimateMs = 86_400_000 - sinceMidnightPacificMs(now);
  // On the two days a year when the clock there changes, the day has an hour more or less.
  const offMs = sinceMidnightPacificMs(now + estimateMs);
  return offMs > 43_200_000 ? estimateMs + 86_400_000 - offMs : estimateMs - offMs;
}

function sinceMidnightPacificMs(now: number): number {
  const clock = new Map(
    pacificClock()
      .formatToParts(now)
      .map((part) => [part.type, Number(part.value)]),
  );
  const seconds =
    (clock.get("hour") ?? 0) * 3600 + (clock.get("minute") ?? 0) * 60 + (clock.get("second") ?? 0);
  return seconds * 1000 + (now % 1000);
}
