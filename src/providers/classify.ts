import type { Outcome } from "./outcome.ts";
import type { Refusal } from "./provider.ts";
import { readRetryHint } from "./retry-hint.ts";

/** Codes and types that say "no money" at whatever status (OpenAI sends some with 400 and some with 429). */
const SPENT = new Set([
  "insufficient_quota",
  "billing_not_active",
  "billing_hard_limit_reached",
  "billing_error",
  "insufficient_balance",
  "insufficient_user_quota",
]);

/** Codes, types and reasons that say that the key itself is refused. */
const DEAD = new Set([
  "invalid_api_key",
  "authentication_error",
  "account_deactivated",
  "unsupported_country_region_territory",
  "API_KEY_INVALID",
  "CONSUMER_SUSPENDED",
  "SERVICE_DISABLED",
]);

const UNSERVED_MODEL = new Set(["model_not_found", "DeploymentNotFound", "model_not_available"]);

/** Statuses of a stumbling upstream: RFC 9110's, Cloudflare's 520 to 527, and the seed's 418. */
function isFailure(status: number): boolean {
  return status === 408 || status === 418 || (status >= 500 && status !== 501 && status !== 505);
}

/**
 * The common part of every provider's classifier: what a status and a known code mean wherever they
 * come from. A provider looks at its own peculiarities first and falls back to this.
 *
 * @param resetMs  what the limit headers say of when one more request fits; counts where a limit has no hint
 */
export function classifyCommon(refusal: Refusal, resetMs: number | undefined): Outcome {
  const { status, headers, facts, now } = refusal;
  const retryAfterMs = readRetryHint(headers, facts, now);
  const known = [facts.code, facts.type, ...facts.reasons];

  const dead = known.find((code) => DEAD.has(code));
  if (dead !== undefined && status < 500 && status !== 429)
    return { kind: "dead", reason: dead, certain: true };
  const spent = known.find((code) => SPENT.has(code));
  if (spent !== undefined && status < 500) return { kind: "spent", reason: spent, retryAfterMs: undefined };
  if (known.some((code) => UNSERVED_MODEL.has(code)) && status < 500) return { kind: "unserved-model" };

  if ((status === 401 || status === 403 || status === 400) && KEY_REFUSED[status].test(facts.message)) {
    return { kind: "dead", reason: `HTTP ${status}`, certain: true };
  }

  switch (status) {
    case 401:
      // A restricted key that lacks a scope is alive: other models and endpoints may be open to it.
      if (/missing scopes|insufficient permissions/i.test(facts.message)) return { kind: "unserved-model" };
      return { kind: "dead", reason: "HTTP 401", certain: false };
    case 402:
      return { kind: "spent", reason: "HTTP 402", retryAfterMs };
    case 403:
      return classifyForbidden(refusal);
    case 404:
      return MODEL_MISSING.test(facts.message) ? { kind: "unserved-model" } : { kind: "client-error" };
    case 429:
      return limited(refusal, retryAfterMs ?? resetMs);
    case 503:
      // With a time to come back it is a limit; without one an outage that another upstream may not share.
      return retryAfterMs === undefined
        ? { kind: "upstream-failure", reason: "HTTP 503" }
        : limited(refusal, retryAfterMs);
    case 529:
      return { kind: "overloaded", retryAfterMs };
    default:
      return isFailure(status)
        ? { kind: "upstream-failure", reason: `HTTP ${status}` }
        : { kind: "client-error" };
  }
}

/** OpenAI says by the type of the error what its limit counts, Gemini by the quota's id, Anthropic in its message. */
function limited({ facts }: Refusal, retryAfterMs: number | undefined): Outcome {
  const countsTokens =
    facts.type === "tokens" ||
    facts.quotaIds.some((id) => id.includes("Token")) ||
    /\btokens per min(?:ute)?\b/i.test(facts.message);
  const outcome = { kind: "limited", scope: "model", retryAfterMs } as const;
  return countsTokens ? { ...outcome, counts: "tokens" } : outcome;
}

/**
 * Sentences that refuse a key. Messages quote what the client sent, so they count as a whole and from
 * their beginning only: else a request could take keys away by what it asks for. xAI refuses a wrong key
 * with 400.
 */
const KEY_REFUSED = {
  400: /^Incorrect API key provided: \S+\. You can obtain an API key from /,
  401: /^(?:(?:incorrect|invalid|missing|unknown|wrong|no such) (?:api|subscription)[ _-]?key\b|access denied due to invalid subscription key|your (?:account|api key|key) (?:is|has been|was) \w+)/i,
  403: /^(?:your api key was reported as leaked|(?:incorrect|invalid) (?:api|subscription)[ _-]?key\b|(?:your|this|the) (?:api )?(?:key|account|organization) (?:is|has been|was) (?:revoked|disabled|suspended|deactivated|invalid|expired))/i,
};

const MODEL_MISSING =
  /\bmodels?\b.*(?:does not exist|not exist|not found|not available)|(?:no such|unknown) model/i;

const MODEL_FORBIDDEN =
  /\b(?:access|permission|allowed|authorized|permitted)\b[^.]{0,80}\bmodel\b|\bmodel\b[^.]{0,120}\b(?:access|permission|allowed|available|authorized|permitted)\b/i;

/**
 * A 403 has many authors: the key's owner, the model's gate, a firewall. Only what names the key or the
 * model is learned; anything else goes on with another key and leaves no trace, so that no client's
 * mistake can take a key away from the others.
 */
function classifyForbidden({ facts }: Refusal): Outcome {
  return MODEL_FORBIDDEN.test(facts.message)
    ? { kind: "unserved-model" }
    : { kind: "upstream-failure", reason: "HTTP 403" };
}
