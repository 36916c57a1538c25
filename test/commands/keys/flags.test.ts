import { expect, test } from "bun:test";

import { parseModels } from "../../../src/commands/keys/flags.ts";

test("names and globs are parted by commas, and each counts once", () => {
  expect(parseModels(" gpt-4o,o*, ,gpt-4o , openai/gpt-5:free")).toEqual([
    "gpt-4o",
    "o*",
    "openai/gpt-5:free",
  ]);
});

test.each([
  ["gpt-4o gpt-5", '--models: "gpt-4o gpt-5" holds a blank; several names need commas between them.'],
  [" , ", "--models names no model."],
  ["gpt\u001B[2J", '--models: "gpt?[2J" holds a character that cannot be seen, U+001B.'],
])("%j is no list of models", (written, message) => {
  expect(() => parseModels(written)).toThrow(message);
});
