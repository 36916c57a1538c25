import { describe, expect, test } from "bun:test";
import { assert, property, string } from "fast-check";

import { parseGoDuration } from "../../src/providers/go-duration.ts";

describe("a Go duration", () => {
  test.each([
    ["1s", 1_000],
    ["6m0s", 360_000],
    ["59.7ms", 59.7],
    ["1m2.5s", 62_500],
    ["17h8m", 61_680_000],
    ["2m59.56s", 179_560],
    ["0s", 0],
    ["1h0m0.25s", 3_600_250],
    ["500µs", 0.5],
    ["", undefined],
    ["44", undefined],
    ["-1", undefined],
    ["-5s", undefined],
    ["1d", undefined],
    ["5 s", undefined],
    ["1m30", undefined],
    ["s", undefined],
    ["soon", undefined],
  ])("%p", (text, ms) => {
    const parsed = parseGoDuration(text);
    if (ms === undefined) expect(parsed).toBeUndefined();
    else expect(parsed).toBeCloseTo(ms, 6);
  });

  test("is never negative or no number", () => {
    assert(
      property(string({ unit: "grapheme-ascii" }), (text) =>
        expect(parseGoDuration(text) ?? 0).toBeGreaterThanOrEqual(0),
      ),
    );
  });
});
