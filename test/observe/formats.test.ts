import { describe, expect, test } from "bun:test";
import { assert, property, string } from "fast-check";

import { formatMs } from "../../src/observe/format-ms.ts";
import { jsonFormat } from "../../src/observe/json-format.ts";
import { prettyFormat } from "../../src/observe/pretty-format.ts";
import type { RequestRecord } from "../../src/observe/records.ts";

const ATTEMPT = { at: 0, id: "req-1", key: "a", outcome: "limited", status: 429, durationMs: 12.4 };

const REQUEST: RequestRecord = {
  at: 0,
  id: "req-1",
  method: "POST",
  path: "/v1/chat/completions",
  model: "gpt-5",
  alias: undefined,
  affinity: undefined,
  client: "",
  key: "a",
  status: 200,
  attempts: [],
  ttfbMs: 1,
  durationMs: 2,
  usage: undefined,
  upstreamRequestId: undefined,
  error: undefined,
  session: undefined,
};

test("an attempt as a JSON line", () => {
  expect(JSON.parse(jsonFormat.attempt(ATTEMPT))).toEqual({
    time: "1970-01-01T00:00:00.000Z",
    level: "debug",
    event: "attempt",
    id: "req-1",
    key: "a",
    outcome: "limited",
    status: 429,
    durationMs: 12,
  });
});

test("an attempt as a line for a person, with and without an answer", () => {
  expect(Bun.stripANSI(prettyFormat.attempt(ATTEMPT))).toEndWith(
    "  attempt on a: limited (429) in 12 ms, request req-1",
  );
  const unanswered = { ...ATTEMPT, outcome: "upstream-failure", status: undefined };
  expect(Bun.stripANSI(prettyFormat.attempt(unanswered))).toContain("upstream-failure (no answer)");
});

test("a request is a JSON line whatever its client chose to send", () => {
  const text = string({ unit: "binary" });
  assert(
    property(text, text, text, (model, path, error) => {
      const line = jsonFormat.request({ ...REQUEST, model, path, error });
      expect(line).not.toContain("\n");
      expect(JSON.parse(line)).toEqual({
        time: "1970-01-01T00:00:00.000Z",
        level: "info",
        event: "request",
        id: "req-1",
        method: "POST",
        path,
        ...(model === "" ? {} : { model }),
        key: "a",
        status: 200,
        attempts: 0,
        ttfbMs: 1,
        durationMs: 2,
        error,
      });
    }),
  );
});

describe("a request that asked for an alias", () => {
  const record: RequestRecord = { ...REQUEST, alias: "best" };

  test("tells both names, and one only where no alias was asked for", () => {
    expect(JSON.parse(jsonFormat.request(record))).toMatchObject({ model: "gpt-5", alias: "best" });
    expect(Bun.stripANSI(prettyFormat.request(record))).toContain("  best → gpt-5  ");
    const plain = { ...record, alias: undefined };
    expect(JSON.parse(jsonFormat.request(plain))).not.toHaveProperty("alias");
    expect(Bun.stripANSI(prettyFormat.request(plain))).toContain("  gpt-5  ");
  });
});

test.each([
  [320.4, "320 ms"],
  [1_234, "1.2 s"],
  [180_000, "3 min"],
  [7_200_000, "2.0 h"],
])("%d ms is told as %s", (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});
