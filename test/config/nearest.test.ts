import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { editDistance, nearest } from "../../src/config/nearest.ts";

const NAMES = ["name", "key", "keys", "keysFile", "url", "models", "provider", "priority", "weight"];

test.each<[string, string | undefined]>([
  ["modles", "models"],
  ["model", "models"],
  ["kye", "key"],
  ["keys_file", "keysFile"],
  ["Weight", "weight"],
  ["wieght", "weight"],
  ["ulr", "url"],
  ["limits", undefined],
  ["x", undefined],
  ["", undefined],
])("%p means %p", (written, expected) => {
  expect(nearest(written, NAMES)).toBe(expected);
});

test("a swap of neighbours is one edit", () => {
  expect(editDistance("kye", "key")).toBe(1);
});

test("the distance is symmetric, zero for equals only, and at most the longer length", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});
