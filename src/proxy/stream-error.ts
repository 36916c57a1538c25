import type { ErrorFacts } from "../providers/error-body.ts";

/** The statuses with which the same errors come outside of a stream. */
const STATUS_BY_CODE: ReadonlyMap<string, number> = new Map([
  ["invalid_request_error", 400],
  ["invalid_request", 400],
  ["invalid_prompt", 400],
  ["context_length_exceeded", 400],
  ["content_policy_violation", 400],
  ["authentication_error", 401],
  ["invalid_api_key", 401],
  ["billing_error", 402],
  ["permission_error", 403],
  ["not_found_error", 404],
  ["model_not_found", 404],
  ["request_too_large", 413],
  ["rate_limit_error", 429],
  ["rate_limit_exceeded", 429],
  ["insufficient_quota", 429],
  ["tokens", 429],
  ["requests", 429],
  ["RESOURCE_EXHAUSTED", 429],
  ["api_error", 500],
  ["server_error", 500],
  ["overloaded_error", 529],
]);

/** The status that an error inside a 200 would have had; 500, a passing fault, where it does not say. */
export function statusOfStreamError(facts: ErrorFacts): number {
  return facts.status ?? STATUS_BY_CODE.get(facts.code) ?? STATUS_BY_CODE.get(facts.type) ?? 500;
}
