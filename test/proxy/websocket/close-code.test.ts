import { expect, test } from "bun:test";

import { closeCodeFor, closeFrame, isClean } from "../../../src/proxy/websocket/close-code.ts";

test.each([
  [429, 1013],
  [502, 1013],
  [503, 1013],
  [504, 1013],
  [500, 1011],
  [400, 1008],
  [401, 1008],
  [403, 1008],
  [404, 1008],
  [408, 1008],
])("who would have had %d is sent away with %d", (status, code) => {
  expect(closeCodeFor(status)).toBe(code);
});

test("only a normal end, one without a code and a departure are clean", () => {
  const codes = [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4000];
  expect(codes.filter((code) => isClean({ code, reason: "" }))).toEqual([1000, 1001, 1005]);
});

test.each([
  [
    { code: 1000, reason: "done" },
    { code: 1000, reason: "done" },
  ],
  [
    { code: 4999, reason: "" },
    { code: 4999, reason: "" },
  ],
  [{ code: 1005, reason: "" }, {}],
  [{ code: 1004, reason: "x" }, {}],
  [{ code: 1015, reason: "x" }, {}],
  [{ code: 2999, reason: "x" }, {}],
  [
    { code: 1000, reason: "\ufffd".repeat(123) },
    { code: 1000, reason: `${"\ufffd".repeat(40)}…` },
  ],
  [
    { code: 1008, reason: "a".repeat(124) },
    { code: 1008, reason: `${"a".repeat(120)}…` },
  ],
  [{ code: 1006, reason: "" }, undefined],
])("%p is passed on as %p", (end, frame) => {
  expect(closeFrame(end)).toEqual(frame!);
});
