import { classifyCommon } from "./classify.ts";
import { placeBearer } from "./openai.ts";
import type { Outcome } from "./outcome.ts";
import type { Provider, Refusal } from "./provider.ts";

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
};

const NO_MONEY = /credit balance is too low|spend(?:ing)? limit|usage limits?\b/i;

function classify(refusal: Refusal): Outcome {
  const { status, facts } = refusal;
  if ((status === 400 || status === 403) && NO_MONEY.test(facts.message)) {
    return { kind: "spent", reason: facts.type || "billing", retryAfterMs: undefined };
  }
  if (status === 404 && /\bmodel\b/i.test(facts.message)) return { kind: "unserved-model" };
  if (status === 403 && facts.type === "permission_error") {
    const aboutOneThing = /\bmodels?\b|\bresource\b|\bfiles?\b|\bbeta\b|\bfeature\b/i.test(facts.message);
    return aboutOneThing
      ? { kind: "unserved-model" }
      : { kind: "dead", reason: "permission_error", certain: true };
  }
  return classifyCommon(refusal, readReset(refusal.headers, refusal.now));
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
