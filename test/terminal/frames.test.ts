import { expect, test } from "bun:test";
import { assert, constantFrom, nat, property, record, string } from "fast-check";

import { cutFrames } from "../../src/terminal/frames.ts";

test("a frame that fits stays as it is", () => {
  const frame = ["   14 |     modles: [gpt-4o]", "      |     ^^^^^^"];
  expect(cutFrames(frame, 40)).toEqual(frame);
});

test("a long line is cut around its carets", () => {
  const frame = [
    '    1 | { "key": "…", "url": "https://api.openai.com", "prioritty": 3, "weight": 1 }',
    "      |                                                ^^^^^^^^^^^",
  ];
  expect(cutFrames(frame, 40)).toEqual([
    '    1 | …ai.com", "prioritty": 3, "weig…',
    "      |           ^^^^^^^^^^^",
  ]);
});

test("tabs take one column each, so that carets stay below what they mark", () => {
  expect(cutFrames(['    3 | \t\t"port": "x"', "      | \t\t        ^^^"], 60)).toEqual([
    '    3 |   "port": "x"',
    "      |           ^^^",
  ]);
});

test("what is no frame stays", () => {
  const lines = ["a message", "", "      = ".padEnd(90, "x")];
  expect(cutFrames(lines, 40)).toEqual(lines);
});

const AROUND = string({ unit: constantFrom("a", " ", "é", "名", "👩‍👧"), maxLength: 90 });

test("no frame is wider than the window, and the carets stay below what they mark", () => {
  assert(
    property(record({ before: AROUND, behind: AROUND, extra: nat(60) }), ({ before, behind, extra }) => {
      const width = 30 + extra;
      const frame = [`    7 | ${before}@@@${behind}`, `      | ${" ".repeat(Bun.stringWidth(before))}^^^`];
      const [line = "", carets = ""] = cutFrames(frame, width);
      expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
      const at = carets.indexOf("^");
      expect(carets.slice(at)).toBe("^^^");
      expect(Bun.stringWidth(line.slice(0, line.indexOf("@@@")))).toBe(at);
    }),
  );
});
