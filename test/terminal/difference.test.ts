import { expect, test } from "bun:test";
import { array, assert, constantFrom, property } from "fast-check";

import { difference } from "../../src/terminal/difference.ts";

function plain(before: string, after: string, width = Infinity): string[] {
  return difference(before, after, width).map((line) => Bun.stripANSI(line));
}

test("shows what goes and comes, with the lines around it and a sign for those between", () => {
  const before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
  const after = "a\nb\nC\nd\ne\nf\ng\nh\ni\nj\nk\n";
  expect(plain(before, after)).toEqual([
    "  a",
    "  b",
    "- c",
    "+ C",
    "  d",
    "  e",
    "  …",
    "  i",
    "  j",
    "+ k",
  ]);
});

test("breaks lines between words where the window is narrow, within what they belong to", () => {
  expect(plain("", "  key: what nobody knows\n", 20)).toEqual(["+   key: what nobody", "        knows"]);
});

test("of texts that are alike nothing is shown", () => {
  expect(plain("a\r\nb\r\n", "a\nb\n")).toEqual([]);
});

test("what goes is all in the old text, what comes all in the new, in their order", () => {
  const text = array(constantFrom("a", "b", "c"), { maxLength: 12 });
  assert(
    property(text, text, (before, after) => {
      const lines = plain(before.join("\n"), after.join("\n"));
      const of = (sign: string) =>
        lines.filter((line) => line.startsWith(`${sign} `)).map((line) => line.slice(2));
      const isWithin = (part: string[], whole: string[]) => {
        let at = 0;
        for (const line of whole) if (line === part[at]) at += 1;
        return at === part.length;
      };
      expect(isWithin(of("-"), before)).toBe(true);
      expect(isWithin(of("+"), after)).toBe(true);
      expect(before.length - of("-").length).toBe(after.length - of("+").length);
    }),
  );
});
