import { expect, test } from "bun:test";

import type { AttemptRecord, RequestRecord } from "../../src/observe/records.ts";
import { Traffic } from "../../src/observe/traffic.ts";

const NOW = 1_000_000;
const MINUTE = 60_000;

function attempt(key: string, outcome: string, durationMs = 100): AttemptRecord {
  return { key, outcome, status: undefined, durationMs };
}

function request(key: string, attempts: AttemptRecord[], error?: string): RequestRecord {
  return {
    at: NOW,
    id: "id",
    method: "POST",
    path: "/v1/chat/completions",
    model: "m",
    alias: undefined,
    affinity: undefined,
    client: "anonymous",
    key,
    status: 200,
    attempts,
    ttfbMs: 100,
    durationMs: 100,
    usage: { inputTokens: 3, outputTokens: 4 },
    upstreamRequestId: undefined,
    error,
    session: undefined,
  };
}

test("a refusal counts against the key that refused, the answer for the one that served", () => {
  const traffic = new Traffic();
  traffic.count([request("b", [attempt("a", "limited"), attempt("b", "served")])], NOW);
  const seen = traffic.of(["a", "b"], NOW);
  expect(seen.get("a")).toMatchObject({ requests: 0, errors: 1, inputTokens: 0, share: 0 });
  expect(seen.get("b")).toMatchObject({ requests: 1, errors: 0, inputTokens: 3, outputTokens: 4, share: 1 });
});

test("what the client asked wrongly or gave up is no error, an upstream that breaks off is", () => {
  const traffic = new Traffic();
  traffic.count([request("a", [attempt("a", "client-error")])], NOW);
  traffic.count([request("a", [attempt("a", "served")], "client went away")], NOW);
  expect(traffic.of(["a"], NOW).get("a")?.errors).toBe(0);
  traffic.count([request("a", [attempt("a", "served")], "upstream broke off")], NOW);
  expect(traffic.of(["a"], NOW).get("a")?.errors).toBe(1);
});

test("shares are of the last minutes, counts of all time", () => {
  const traffic = new Traffic();
  traffic.count([request("a", [attempt("a", "served")])], NOW);
  traffic.count([request("b", [attempt("b", "served")])], NOW + 6 * MINUTE);
  expect(traffic.of(["a", "b"], NOW + 6 * MINUTE).get("a")?.share).toBe(0.5);
  traffic.count([request("b", [attempt("b", "served")])], NOW + 12 * MINUTE);
  const late = traffic.of(["a", "b"], NOW + 12 * MINUTE);
  expect(late.get("a")).toMatchObject({ requests: 1, share: 0 });
  expect(late.get("a")?.p50Ms).toBeUndefined();
});

test("a key that is gone is forgotten", () => {
  const traffic = new Traffic();
  traffic.count([request("a", [attempt("a", "served")])], NOW);
  traffic.of(["b"], NOW);
  expect(traffic.of(["a"], NOW).get("a")?.requests).toBe(0);
});
