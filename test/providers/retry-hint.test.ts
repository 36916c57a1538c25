import { describe, expect, test } from "bun:test";
import { assert, dictionary, constantFrom, oneof, property, string } from "fast-check";

import { NO_FACTS } from "../../src/providers/error-body.ts";
import { readRetryHint } from "../../src/providers/retry-hint.ts";

const NOW = Date.parse("2026-10-21T07:28:00Z");

const fromHeaders = (headers: Record<string, string>) => readRetryHint(new Headers(headers), NO_FACTS, NOW);
const fromMessage = (message: string) => readRetryHint(new Headers(), { ...NO_FACTS, message }, NOW);

describe("a time to come back", () => {
  test.each<[string, Record<string, string>, number | undefined]>([
    ["in seconds", { "retry-after": "20" }, 20_000],
    ["in no time", { "retry-after": "0" }, 0],
    ["in parts of a second", { "retry-after": "1.5" }, 1_500],
    ["as a date", { "retry-after": "Wed, 21 Oct 2026 07:28:45 GMT" }, 45_000],
    ["as a date of old (RFC 850)", { "retry-after": "Wednesday, 21-Oct-26 07:28:45 GMT" }, 45_000],
    ["as a date that has passed", { "retry-after": "Wed, 21 Oct 2026 07:00:00 GMT" }, 0],
    ["in milliseconds", { "retry-after-ms": "253" }, 253],
    ["in milliseconds rather than seconds", { "retry-after-ms": "253", "retry-after": "1" }, 253],
    ["not at all", {}, undefined],
    ["in words", { "retry-after": "soon" }, undefined],
    ["as -1, which is unknown", { "retry-after": "-1" }, undefined],
    ["as nothing", { "retry-after": "", "retry-after-ms": "" }, undefined],
    ["without end", { "retry-after": "Infinity", "retry-after-ms": "NaN" }, undefined],
  ])("%s", (_, headers, expected) => {
    expect(fromHeaders(headers)).toBe(expected);
  });

  test.each([
    ["Limit 3, Used 3, Requested 1. Please try again in 20ms. Visit https://platform.openai.com", 20],
    ["Please try again in 20s.", 20_000],
    ["Please try again in 6m0s.", 360_000],
    ["Please try again in 7.66s. Need more tokens?", 7_660],
    ["Please try again in 1h2m3.5s", 3_723_500],
    ["please try again in 86ms", 86],
    ["Please try again in a while.", undefined],
    ["Please try again later.", undefined],
  ])("in a message: %s", (message, expected) => {
    expect(fromMessage(message)).toBe(expected);
  });

  test("in a header rather than in the body", () => {
    const facts = { ...NO_FACTS, message: "Please try again in 20s.", retryDelayMs: 30_000 };
    expect(readRetryHint(new Headers({ "retry-after": "1" }), facts, NOW)).toBe(1_000);
    expect(readRetryHint(new Headers(), facts, NOW)).toBe(30_000);
  });

  test("is a finite time ahead or none, whatever the headers hold", () => {
    const texts = oneof(string(), constantFrom("-1", "1e9", "0x10", "01", "+5", "9".repeat(400), "-0"));
    assert(
      property(
        dictionary(constantFrom("retry-after", "retry-after-ms"), texts),
        string(),
        (fields, message) => {
          const headers = new Headers();
          for (const [name, value] of Object.entries(fields)) {
            if (/^[\x20-\x7e]*$/.test(value)) headers.set(name, value);
          }
          const hint = readRetryHint(headers, { ...NO_FACTS, message }, NOW);
          if (hint === undefined) return;
          expect(hint).toBeGreaterThanOrEqual(0);
          expect(hint).toBeFinite();
        },
      ),
    );
  });
});
