import { describe, expect, test } from "bun:test";

import type { OwnError } from "../../src/providers/error-format.ts";
import { explainChain } from "../../src/proxy/explain-chain.ts";

/** What became of models one after the other: a status, with a time to come back where there is one. */
function explain(...parts: (readonly [OwnError["status"], number?])[]) {
  return explainChain(
    "best",
    parts.map(([status, retryAfterMs], index) => ({
      error: { status, code: `code-${status}`, message: `Model ${index} says ${status}.` },
      retryAfterMs,
    })),
  );
}

describe("the answer when nothing that an alias stands for can be served", () => {
  test.each([
    { parts: [[404], [503], [502], [429, 500]], status: 429, retryAfterMs: 500 },
    { parts: [[429, 900], [502], [429, 300]], status: 429, retryAfterMs: 300 },
    { parts: [[404], [504], [503]], status: 504, retryAfterMs: undefined },
    { parts: [[504], [502]], status: 502, retryAfterMs: undefined },
    { parts: [[404], [503]], status: 503, retryAfterMs: undefined },
    { parts: [[404], [404]], status: 404, retryAfterMs: undefined },
  ] as const)("after $parts is $status, to come back in $retryAfterMs", ({ parts, status, retryAfterMs }) => {
    const { error, retryAfterMs: told } = explain(...parts);
    expect(error).toMatchObject({ status, code: `code-${status}` });
    expect(told).toBe(retryAfterMs);
  });

  test("says of each model why, in their order", () => {
    expect(explain([429, 1], [404]).error.message).toBe(
      'Nothing that the alias "best" stands for can be served. Model 0 says 429. Model 1 says 404.',
    );
  });
});
