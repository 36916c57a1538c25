import { expect, test } from "bun:test";

import type { RequestView } from "../../../src/admin/views.ts";
import { RequestLines } from "../../../src/commands/logs/request-lines.ts";

const AT = Date.UTC(2026, 0, 2, 12);

const REQUEST: RequestView = {
  at: AT,
  id: "req-1",
  method: "POST",
  path: "/v1/chat/completions",
  model: "gpt-4o-mini",
  client: "laptop",
  key: "openai-production",
  status: 200,
  ttfbMs: 120,
  durationMs: 1_500,
  usage: { inputTokens: 1_234, outputTokens: 56 },
  attempts: [
    { key: "openai-a-longer-name", outcome: "upstream-failure", status: undefined, durationMs: 20 },
    { key: "openai-production", outcome: "served", status: 200, durationMs: 1_480 },
  ],
};

function shown(width: number): string[] {
  return new RequestLines(AT).of(REQUEST, width).map((line) => Bun.stripANSI(line));
}

test("is one line for a request and one for each attempt where there is room", () => {
  expect(shown(Infinity)).toHaveLength(3);
});

test.each([80, 40])("breaks at blanks only in a window of %d columns, under its beginning", (width) => {
  const lines = shown(width);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {10}/);
  expect(lines.filter((line) => /^ *m?s\b/.test(line))).toEqual([]);
  const words = (text: readonly string[]) => text.join(" ").split(/ +/);
  expect(words(lines)).toEqual(words(shown(Infinity)));
});
