import { expect, test } from "bun:test";

import { formatMs } from "../../src/observe/format-ms.ts";
import { jsonFormat } from "../../src/observe/json-format.ts";
import { prettyFormat } from "../../src/observe/pretty-format.ts";

const ATTEMPT = { at: 0, id: "req-1", key: "a", outcome: "limited", status: 429, durationMs: 12.4 };

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

test.each([
  [320.4, "320 ms"],
  [1_234, "1.2 s"],
  [180_000, "3 min"],
  [7_200_000, "2.0 h"],
])("%d ms is told as %s", (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});
