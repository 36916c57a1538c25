import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  MAX_DURATION_MS,
  parseCount,
  parseDuration,
  parseSize,
  type Parsed,
} from "../../src/config/units.ts";

const WRONG = undefined;

function valueOf(parsed: Parsed<number>): number | undefined {
  return parsed.ok ? parsed.value : WRONG;
}

describe("durations", () => {
  test.each<[string | number, number | undefined]>([
    ["250ms", 250],
    ["15s", 15_000],
    ["5m", 300_000],
    ["24h", 86_400_000],
    ["1h30m", 5_400_000],
    ["1m30s500ms", 90_500],
    ["1.5s", 1_500],
    ["0s", 0],
    ["0", 0],
    [0, 0],
    [" 15s ", 15_000],
    ["596h", 2_145_600_000],
    ["597h", WRONG],
    ["99999999999999999999h", WRONG],
    ["15", WRONG],
    [15, WRONG],
    [-15, WRONG],
    [Number.NaN, WRONG],
    [Infinity, WRONG],
    ["-15s", WRONG],
    ["15 s", WRONG],
    ["s", WRONG],
    ["", WRONG],
    ["15sec", WRONG],
    ["1s1s", WRONG],
    ["30m1h", WRONG],
    ["1e3s", WRONG],
    ["NaNs", WRONG],
  ])("%p is %p ms", (written, expected) => {
    expect(valueOf(parseDuration(written))).toBe(expected);
  });

  test("a bare number says what to write", () => {
    expect(parseDuration(15)).toMatchObject({ ok: false, instead: "15s" });
  });

  test("whatever is accepted fits a timer", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9.]{1,12}(ms|s|m|h)([0-9]{1,4}(ms|s))?$/), (text) => {
        const value = valueOf(parseDuration(text));
        return value === undefined || (Number.isInteger(value) && value >= 0 && value <= MAX_DURATION_MS);
      }),
    );
  });
});

describe("sizes", () => {
  test.each<[string | number, number | undefined]>([
    ["64MB", 64_000_000],
    ["64mb", 64_000_000],
    ["64KiB", 65_536],
    ["1.5 GiB", 1_610_612_736],
    ["1024", 1024],
    [1024, 1024],
    ["10B", 10],
    ["0.5", WRONG],
    [0.5, WRONG],
    ["-1MB", WRONG],
    [-1, WRONG],
    ["MB", WRONG],
    ["64XB", WRONG],
    ["99999999999GB", WRONG],
    [Number.NaN, WRONG],
    [Infinity, WRONG],
    ["", WRONG],
  ])("%p is %p bytes", (written, expected) => {
    expect(valueOf(parseSize(written))).toBe(expected);
  });
});

describe("counts", () => {
  test.each<[string | number, number | undefined]>([
    ["200k", 200_000],
    ["2M", 2_000_000],
    ["10_000", 10_000],
    ["1.1k", 1_100],
    [500, 500],
    ["1.0005k", WRONG],
    ["_1", WRONG],
    ["1__0", WRONG],
    ["2MB", WRONG],
    ["-2k", WRONG],
    ["1e3", WRONG],
    [2 ** 53, WRONG],
    [1e21, WRONG],
  ])("%p is %p", (written, expected) => {
    expect(valueOf(parseCount(written))).toBe(expected);
  });

  test("every whole number is itself, with and without grouping", () => {
    fc.assert(
      fc.property(fc.nat(), (number) => {
        const grouped = number.toLocaleString("en-US").replaceAll(",", "_");
        return valueOf(parseCount(number)) === number && valueOf(parseCount(grouped)) === number;
      }),
    );
  });
});
