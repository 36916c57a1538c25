import { expect, test } from "bun:test";
import { array, assert, integer, property, string } from "fast-check";

import { wrapLine } from "../../src/terminal/wrap.ts";

test.each([
  ["short", 10, ["short"]],
  ["one two three", 9, ["one two", "  three"]],
  ["  one two three", 9, ["  one two", "  three"]],
  ["one    # two three", 9, ["one    #", "  two", "  three"]],
  ["one two      # three", 9, ["one two", "  # three"]],
  ["one long words", 6, ["one", "  long", " words"]],
  ["    long words", 7, ["   long", "  words"]],
  ["averylongword and", 6, ["averylongword", "  and"]],
  ["日本 日本 日本", 9, ["日本 日本", "  日本"]],
  ["as it is, however long", Infinity, ["as it is, however long"]],
])("%p in %d columns", (line, width, lines) => {
  expect(wrapLine(line, width, "  ")).toEqual(lines);
});

test("no word is lost or broken, and no line is wider than the window but for a word that is", () => {
  const words = array(
    string({ minLength: 1, unit: "grapheme" }).filter((word) => !/\s/.test(word)),
    { minLength: 1 },
  );
  assert(
    property(words, integer({ min: 4, max: 40 }), (all, width) => {
      const lines = wrapLine(all.join(" "), width, "  ");
      expect(lines.map((line) => line.trimStart()).join(" ")).toBe(all.join(" "));
      for (const line of lines)
        expect(Bun.stringWidth(line) <= width || !line.trimStart().includes(" ")).toBe(true);
    }),
  );
});
