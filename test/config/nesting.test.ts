import { expect, test } from "bun:test";

import { nestsTooDeep } from "../../src/config/nesting.ts";
import { parse } from "./parse-text.ts";

test.each([
  ["brackets", `apiKeys: ${"[".repeat(20_000)}`, 110],
  ["braces with names", `apiKeys: ${"{a: ".repeat(20_000)}`, 410],
])(
  "a configuration of nothing but open %s is refused at the first that is too many",
  (_what, text, column) => {
    const result = parse(text);
    expect(result).toMatchObject({ ok: false, diagnostics: [{ line: 1, column }] });
  },
);

test.each([
  `models: ["${"[".repeat(200)}", '${"{".repeat(200)}']`,
  "[a], {b: c}\n".repeat(500),
  "]".repeat(500),
])("brackets in quotes, and those that close, are as many as one likes: %#", (text) => {
  expect(nestsTooDeep(text)).toBeUndefined();
});
